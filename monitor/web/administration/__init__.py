"""The pages of administrators, one module for each matter."""

from monitor.web.administration import audit_log, destinations, due_dates, front, jobs, rules, tokens, users

ROUTES = [
    *front.ROUTES,
    *users.ROUTES,
    *tokens.ROUTES,
    *due_dates.ROUTES,
    *rules.ROUTES,
    *destinations.ROUTES,
    *jobs.ROUTES,
    *audit_log.ROUTES,
]
