"""A spreadsheet taken into the registry: columns mapped, rows judged, faults marked."""
