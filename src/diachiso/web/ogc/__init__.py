"""OGC API - Features: what map clients ask and how they are answered."""
