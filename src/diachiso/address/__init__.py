"""What an address is: pure values, no input or output."""
