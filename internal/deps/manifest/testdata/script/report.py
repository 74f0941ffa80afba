#!/usr/bin/env python3
"""A report."""
# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "rose<3",
#   "tulip==1.4",
#   "bad requirement",
# ]
#
# [tool.uv.sources]
# rose = { git = "https://git.example/rose", branch = "main" }
# ///
import rose
