"""Where programs that reached into Bleach's copy of html5lib look."""
