"""The service that benchmarks run their clients against: in another process, with files from nginx."""
