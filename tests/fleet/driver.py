"""A driver in a separate process, which a test may kill: python driver.py SCHEDULER ITWIN TARGET."""

import sys

from itwin_imodels.fleet import mirror_fleet

if __name__ == "__main__":
    address, itwin_id, target = sys.argv[1:]
    mirror_fleet(itwin_ids=[itwin_id], target=target, scheduler=address)
