"""The clients of npm, in the versions of package-lock.json, below the build folder."""

import fcntl
import os
import pathlib
import shutil
import subprocess

import rig

HERE = pathlib.Path(__file__).resolve().parent
FOLDER = pathlib.Path(rig.BUILD).resolve() / "compat"
failure = None


def npm_ci():
    done = subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"],
        cwd=FOLDER, text=True, timeout=200, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise RuntimeError("npm could not bring node-osc and osc, which these tests are about; "
                           f"is its registry within reach?\n{done.stdout}")


def bring():
    if shutil.which("npm") is None:
        raise RuntimeError("there is no npm; scripts/setup brings it")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open(FOLDER / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = (HERE / "package-lock.json").read_text(encoding="utf-8")
        done = FOLDER / "node_modules" / "installed-from"
        if not done.exists() or done.read_text(encoding="utf-8") != wanted:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(HERE / name, FOLDER)
            npm_ci()
            done.write_text(wanted, encoding="utf-8")


def node_path():
    """Where node finds them; they are brought there once for each lock file."""
    global failure  # of the first attempt: each takes minutes without a network
    if failure is None:
        try:
            bring()
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            failure = error
    if failure is not None:
        raise failure
    return os.fspath(FOLDER / "node_modules")
