"""The scenarios that transfer files also run on the storage of an account, with both clients.

Scenarios that check the hub's log of requests to its own storage, or that make this storage fail, are left out.
"""

from tests.behaviour.test_files import (  # noqa: F401 - collected here
    database,
    test_a_thumbnail_is_replaced,
    test_an_imodel_begins_with_an_uploaded_file,
)
from tests.workflows.test_checkpointing import (  # noqa: F401
    bare,
    history,
    large_work,
    small_work,
    test_a_checkpoint_of_a_new_named_version,
    test_by_id_and_by_named_version,
    test_by_index,
    test_changesets_are_applied,
    test_progress_has_one_total,
    test_the_nearest_one_before_the_newest_changeset,
    test_the_newest_one_is_the_authors,
)
from tests.workflows.test_creating import (  # noqa: F401
    itwin_id,
    name,
    test_a_briefcase_is_no_baseline,
    test_a_clone_has_the_history,
    test_a_damaged_file_is_no_baseline,
    test_a_file_becomes_an_imodel,
    test_a_fork_is_related,
    test_a_template_gives_the_beginning,
    test_an_empty_imodel_is_ready,
)
from tests.workflows.test_push_interruptions import (  # noqa: F401
    test_another_file_is_pushed_in_place_of_one_that_was_given_up,
    test_one_file_pushed_by_two_at_once_is_one_changeset,
)
from tests.workflows.test_pushing import (  # noqa: F401
    test_a_chain_is_pushed,
    test_a_chain_is_pushed_into_a_group,
    test_a_changeset_is_pushed,
    test_a_changeset_that_is_there_is_returned,
    test_a_timeline_that_moved_on_names_what_to_pull,
    test_changesets_follow_one_another,
)
