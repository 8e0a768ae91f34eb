"""Hostile files, and what each must leave behind: a sentence about itself, in bounded time and memory."""
