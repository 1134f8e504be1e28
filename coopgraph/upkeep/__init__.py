"""What keeps a state folder well: backups of its journal, their restoring, and a doctor."""

from coopgraph.upkeep.backup import Backup, back_up, backup_name
from coopgraph.upkeep.doctor import Doctor
from coopgraph.upkeep.examination import Examination, Finding
from coopgraph.upkeep.restore import Restored, Restoring

__all__ = [
    "Backup",
    "Doctor",
    "Examination",
    "Finding",
    "Restored",
    "Restoring",
    "back_up",
    "backup_name",
]
