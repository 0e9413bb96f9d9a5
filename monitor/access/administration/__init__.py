"""What administrators look after: users, tokens, rules, dates, destinations, jobs, and the log of every change.

Each sees and changes what concerns their own counties; what concerns everybody is for those who see everything.
"""
