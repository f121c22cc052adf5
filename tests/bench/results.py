# SPDX-License-Identifier: Apache-2.0
"""Medians over the rounds, ratios, and how they are shown."""
import json
import statistics

BASELINE = "passthrough_ll"
JUDGED = "occfs"
MEMORY_LIMIT_MIB = 256


class Results:
    """What `bench measure` printed, and what was seen of the daemon beside it, by workload and target."""

    def __init__(self, workloads, targets):
        self.workloads = workloads
        self.targets = targets  # names, in the order of the columns
        self.runs = {}  # (workload, target) -> one dictionary a round
        self.failed = set()  # (workload, target)

    def add(self, workload, target, run):
        self.runs.setdefault((workload, target), []).append(run)

    def add_failure(self, workload, target):
        self.failed.add((workload, target))

    def median(self, workload, target, field):
        """None if there is nothing to take it of, or a round failed."""
        runs = self.runs.get((workload, target), [])
        values = [run[field] for run in runs if run.get(field) is not None]
        return statistics.median(values) if values and (workload, target) not in self.failed else None

    def ratio(self, workload):
        ours, theirs = (self.median(workload, target, "rate") for target in (JUDGED, BASELINE))
        return ours / theirs if ours and theirs else None

    def met(self, workload):
        """Whether the ratio reaches the workload's target; None if there is no target or no ratio."""
        ratio = self.ratio(workload["name"])
        return ratio >= workload["target"] if ratio and workload["target"] else None

    def as_json(self):
        return json.dumps([
            workload | {
                "ratio": self.ratio(workload["name"]),
                "met": self.met(workload),
                "targets": {target: self.of_target(workload["name"], target) for target in self.targets},
            } for workload in self.workloads
        ], indent=1)

    def of_target(self, workload, target):
        return {
            "rate": self.median(workload, target, "rate"),
            "p50_us": self.median(workload, target, "p50_us"),
            "failed": (workload, target) in self.failed,
            "rounds": self.runs.get((workload, target), []),
        }

    # ---- for people ----

    def print_table(self):
        columns = "".join(f"{target:>15}{'p50 us':>8}" for target in self.targets)
        print(f"{'workload':<36}{'unit':<6}{columns}{'ratio':>7}{'target':>7}  met")
        for workload in self.workloads:
            print(self.row(workload))
        self.print_shares()
        self.print_daemon()

    def row(self, workload):
        cells = "".join(self.cell(workload, target) for target in self.targets)
        ratio, met = self.ratio(workload["name"]), self.met(workload)
        ratio = "" if ratio is None else f"{ratio:.2f}"
        target = f"{workload['target']:g}" if workload["target"] else ""
        mark = {None: "", True: "  yes", False: "  NO"}[met]
        return f"{workload['title']:<36}{workload['unit']:<6}{cells}{ratio:>7}{target:>7}{mark}".rstrip()

    def cell(self, workload, target):
        if (workload["name"], target) in self.failed:
            return f"{'failed':>15}{'':>8}"
        rate, p50 = (self.median(workload["name"], target, field) for field in ("rate", "p50_us"))
        if rate is None:
            return f"{'-':>15}{'':>8}"
        if workload["unit"] == "s":
            return f"{1 / rate:>16.2f}{'':>8}"
        return f"{number(rate):>15}{number(p50):>8}"

    def print_shares(self):
        contended = [workload for workload in self.workloads if any(
            self.median(workload["name"], target, "share_smallest") is not None for target in self.targets)]
        if not contended:
            return
        print("\nsmallest and largest share of a process, and conflicts for each update that succeeded:")
        for workload in contended:
            name = workload["name"]
            cells = []
            for target in self.targets:
                if self.median(name, target, "share_smallest") is None:
                    cells.append(f"{target} -")
                    continue
                low, high = (self.median(name, target, f"share_{which}") for which in ("smallest", "largest"))
                cells.append(f"{target} {low:.1%} to {high:.1%}")
                if target == JUDGED:
                    cells[-1] += f", {self.conflicts_per_update(name, target):.2f} conflicts"
            print(f"{workload['title']:<36}{'; '.join(cells)}")

    def conflicts_per_update(self, workload, target):
        runs = self.runs[(workload, target)]
        return sum(run["conflicts"] for run in runs) / max(1, sum(run["operations"] for run in runs))

    def print_daemon(self):
        """Of the workload in which every file is looked up after a mount."""
        memory = self.median("lookup", JUDGED, "memory_mib")
        if memory is None:
            return
        files = self.runs[("lookup", JUDGED)][0]["operations"]
        empty, full = (self.median("lookup", JUDGED, field) for field in ("mount_ms", "remount_ms"))
        verdict = "met" if memory < MEMORY_LIMIT_MIB else "NOT met"
        print(f"\noccfs with {files:,} files looked up: {memory:.0f} MiB of memory "
              f"(under {MEMORY_LIMIT_MIB} MiB: {verdict}); mounted empty in {empty:.0f} ms, with them in {full:.0f} ms")


def number(value):
    return f"{value:,.1f}" if value < 10 else f"{value:,.0f}"
