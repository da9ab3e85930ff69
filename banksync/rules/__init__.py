"""Pure rules of bank sync: which days are asked for and when, and which sent row is which stored one."""
