"""A sample to look at: four invented employers, months of answers, a mailbox for mail.

This file imports nothing: `flask demo` and the pages of its mailbox load the parts when they run,
so that no process of a real installation holds any of it.
"""
