"""Install Debian's Asterisk 22 into a root folder: ``python -m cli.embedded.asterisk_install``.

The machine's own packages stay as they are (but for mmdebstrap, which does the work). The folder is
built beside its final place and renamed at the end, so a build that was cut off is never used.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from cli.embedded.locks import locked
from cli.embedded.process import EmbeddedError

#: Debian's testing suite: the stable one has no Asterisk.
SUITE = "forky"
PACKAGES = (
    "asterisk",
    "asterisk-core-sounds-en-gsm",
    "asterisk-core-sounds-ru-gsm",
    "asterisk-moh-opsound-gsm",
)
#: Debian's Russian prompts lie under the speaker's name: Asterisk looks for them under ``ru``.
RUSSIAN = "usr/share/asterisk/sounds/ru", "ru_RU_f_IvrvoiceRU"
STAMP = ".outdial-installed"
#: What apt says when a mirror's index is older than it allows; its signature is checked all the same.
EXPIRED = "is expired"
#: What apt says when the keyring is older than the suite's keys.
UNKNOWN_KEY = ("NO_PUBKEY", "Missing key", "couldn't be verified", "is not signed")


def recipe() -> str:
    """Return a name for what would be installed; it changes when this module's list does."""
    return hashlib.sha256("\n".join((SUITE, *PACKAGES, *RUSSIAN)).encode()).hexdigest()[:16]


def installed(root: Path) -> bool:
    """Tell whether the root folder is complete and of the present recipe."""
    stamp = root / STAMP
    return stamp.exists() and stamp.read_text().strip() == recipe()


def obstacle() -> str:
    """Return why this machine cannot install Asterisk, or an empty string."""
    if os.geteuid() != 0:
        return "installing Asterisk into a root folder needs root (chroot)"
    release = Path("/etc/os-release")
    if not release.exists() or "ID=debian" not in release.read_text().splitlines():
        return "the install of Asterisk is made for Debian, and this is another system"
    if shutil.which("apt-get") is None:
        return "there is no apt-get"
    return ""


def install(root: Path, *, mirror: str = "") -> None:
    """Make ``root`` an installed Asterisk; does nothing when it is one.

    Args:
        root: The folder; what was in it is replaced.
        mirror: A Debian mirror's address; empty for mmdebstrap's own choice.

    Raises:
        EmbeddedError: it cannot be done here, and why.
    """
    if installed(root):
        return
    if reason := obstacle():
        raise EmbeddedError(reason)
    root.parent.mkdir(parents=True, exist_ok=True)
    with locked(root.with_name(f"{root.name}.lock")):
        if installed(root):
            return
        fresh = root.with_name(f"{root.name}.new")
        _remove(fresh)
        if shutil.which("mmdebstrap") is None:
            _say("installing mmdebstrap")
            _apt("update", "-qq")
            _apt("install", "-y", "-qq", "--no-install-recommends", "mmdebstrap")
        _bootstrap(fresh, mirror)
        link, speaker = RUSSIAN
        if not (fresh / link).is_symlink():
            (fresh / link).parent.mkdir(parents=True, exist_ok=True)
            (fresh / link).symlink_to(speaker)
        (fresh / STAMP).write_text(recipe())
        _remove(root)
        fresh.rename(root)
    _say(f"Asterisk is installed in {root}")


def _bootstrap(fresh: Path, mirror: str) -> None:
    """Run mmdebstrap; answers an outdated index and an outdated keyring, each once."""
    _say(f"installing Asterisk from Debian {SUITE} into {fresh.name} (about half a minute)")
    options: list[str] = []
    renewed = False
    while True:
        output = _mmdebstrap(fresh, mirror, options)
        if output is None:
            return
        _remove(fresh)
        if not options and EXPIRED in output:
            _say("the mirror's index is expired: trying again without its date, signatures checked")
            options = ["--aptopt=Acquire::Check-Valid-Until false"]
        elif not renewed and any(text in output for text in UNKNOWN_KEY):
            _say("the signing keys are unknown: renewing debian-archive-keyring")
            renewed = True
            _apt("update", "-qq")
            _apt("install", "-y", "-qq", "debian-archive-keyring")
        else:
            last = "\n".join(output.splitlines()[-12:])
            raise EmbeddedError(f"mmdebstrap failed (is the package mirror reachable?)\n{last}")


def _mmdebstrap(fresh: Path, mirror: str, options: list[str]) -> str | None:
    """Return None when it worked, else what it said."""
    argv = [
        "mmdebstrap",
        "--mode=root",
        "--variant=minbase",
        f"--include={','.join(PACKAGES)}",
        "--dpkgopt=path-exclude=/usr/share/doc/*",
        '--aptopt=Acquire::Retries "3"',
        *options,
        SUITE,
        str(fresh),
        *([mirror] if mirror else []),
    ]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd="/")
    return None if done.returncode == 0 else f"{done.stdout}\n{done.stderr}"


def _apt(*arguments: str) -> None:
    done = subprocess.run(
        ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise EmbeddedError(f"apt-get {arguments[0]} failed\n{done.stderr.strip()}")


def _remove(folder: Path) -> None:
    """Delete a root folder, unless something is mounted or runs in it.

    Raises:
        EmbeddedError: a mount (deleting through it would delete the machine's own files) or a
            process is in the way.
    """
    if not folder.exists():
        return
    where = str(folder.resolve())
    mounts = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    if used := [mount for mount in mounts if mount == where or mount.startswith(f"{where}/")]:
        raise EmbeddedError(f"something is mounted below {where}: umount {' '.join(used)}")
    if _processes_in(where):
        raise EmbeddedError(f"an Asterisk runs in {where}: stop it first")
    shutil.rmtree(folder)


def _processes_in(where: str) -> bool:
    for link in Path("/proc").glob("[0-9]*/root"):
        try:
            if str(link.readlink()) == where:
                return True
        except OSError:
            continue  # the process has ended
    return False


def _say(text: str) -> None:
    print(f"asterisk: {text}", flush=True)


def main(argv: list[str] | None = None) -> int:
    """Run the command: 0 when Asterisk is there, 1 with the reason when it is not."""
    parser = argparse.ArgumentParser(description="Install Asterisk into a root folder.")
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--mirror", default="")
    options = parser.parse_args(argv)
    try:
        install(options.root.resolve(), mirror=options.mirror)
    except EmbeddedError as error:
        _say(f"not installed: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
