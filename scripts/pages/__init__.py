"""The pages of docs/ that follow from other files, one module each."""
