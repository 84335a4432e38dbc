"""Reports that people put together: kept, shared, printed, made by the clock."""
