"""Tests of the office's pages."""
