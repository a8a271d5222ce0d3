"""What officials may do: one verb a module, no SQL, no HTTP."""
