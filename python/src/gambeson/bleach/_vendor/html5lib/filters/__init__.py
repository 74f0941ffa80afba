"""Filters over tokens."""
