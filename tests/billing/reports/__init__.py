"""Tests of the questions over billing."""
