"""Hours: calling windows, local dates, holidays and the changes of clocks."""
