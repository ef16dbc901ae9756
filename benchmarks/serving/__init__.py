"""What benchmarks run their clients against: a service in another process, with files from nginx."""
