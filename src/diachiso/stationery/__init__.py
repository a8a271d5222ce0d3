"""What is printed: plates and sheets of them, certificates, letters. Drawn by typst, no I/O."""
