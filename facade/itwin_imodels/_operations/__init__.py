"""What each operation sends and reads, and the one module that knows the generated client. No I/O."""
