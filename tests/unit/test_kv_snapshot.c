/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "kv_fixture.h"
#include "unit.h"

static void a_snapshot_keeps_its_moment(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    struct kv_snapshot *snapshot;
    put_text(kv, "changed", "1");
    put_text(kv, "deleted", "1");
    assert_success(kv_snapshot(kv, &snapshot));
    put_text(kv, "changed", "2");
    put_text(kv, "new", "2");
    delete_text(kv, "deleted");
    assert_text(kv, snapshot, "changed", "1");
    assert_text(kv, snapshot, "deleted", "1");
    assert_text(kv, snapshot, "new", NULL);
    assert_scan(kv, snapshot, &(struct kv_range){0}, "changed=1 deleted=1");
    assert_scan(kv, snapshot, &(struct kv_range){.reverse = true, .limit = 1}, "deleted=1");
    assert_scan(kv, NULL, &(struct kv_range){0}, "changed=2 new=2");
    kv_snapshot_free(kv, snapshot);
    assert_scan(kv, NULL, &(struct kv_range){0}, "changed=2 new=2");
}

static void a_snapshot_of_nothing_stays_empty(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    struct kv_snapshot *snapshot;
    assert_success(kv_snapshot(kv, &snapshot));
    put_text(kv, "key", "1");
    assert_text(kv, snapshot, "key", NULL);
    assert_scan(kv, snapshot, &(struct kv_range){0}, "");
    kv_snapshot_free(kv, snapshot);
}

static void snapshots_of_several_moments_live_side_by_side(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    static const char *const values[] = {"0", "1", "2", "3"};
    struct kv_snapshot *snapshots[4];
    for (int i = 0; i < 4; i++) {
        put_text(kv, "key", values[i]);
        assert_success(kv_snapshot(kv, &snapshots[i]));
    }
    kv_snapshot_free(kv, snapshots[1]);
    delete_text(kv, "key");
    assert_text(kv, snapshots[0], "key", "0");
    assert_text(kv, snapshots[2], "key", "2");
    assert_text(kv, snapshots[3], "key", "3");
    kv_snapshot_free(kv, snapshots[3]);
    kv_snapshot_free(kv, snapshots[0]);
    assert_text(kv, snapshots[2], "key", "2");
    kv_snapshot_free(kv, snapshots[2]);
    kv_snapshot_free(kv, NULL);
}

static void conditions_ask_the_newest_state_whatever_snapshots_there_are(void **state)
{
    struct kv *kv = ((struct kv_fixture *)*state)->kv;
    struct kv_snapshot *snapshot;
    put_text(kv, "key", "1");
    assert_success(kv_snapshot(kv, &snapshot));
    put_text(kv, "key", "2");
    struct kv_batch *batch = batch_new();
    batch_expect_text(batch, "key", "1");
    batch_put_text(batch, "key", "3");
    assert_int_equal(commit(kv, batch), KV_CONDITION_FALSE);
    kv_snapshot_free(kv, snapshot);
    assert_text(kv, NULL, "key", "2");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        WITH_ENGINES(a_snapshot_keeps_its_moment),
        WITH_ENGINES(a_snapshot_of_nothing_stays_empty),
        WITH_ENGINES(snapshots_of_several_moments_live_side_by_side),
        WITH_ENGINES(conditions_ask_the_newest_state_whatever_snapshots_there_are),
    };
    return RUN_ON_STACK(argc, argv, tests);
}
