"""What a mirrored timeline keeps on disk."""
