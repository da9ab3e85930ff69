"""Tests of money owed to us."""
