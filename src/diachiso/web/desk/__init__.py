"""The official's desk at /desk: pages rendered here, with small islands of script."""
