"""What every room of the hub uses: clock, ids, settings, the data folder."""
