"""Files → rows → records: reading tables, dataset descriptors, and the column mapping."""
