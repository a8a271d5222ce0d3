"""The private cluster, with real servers: who starts it, who stops it, and where it lives."""

import fcntl
import multiprocessing
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from contextlib import contextmanager
from pathlib import Path

import pytest

from diachiso.address.errors import EmbeddedFailed, NoPostgis
from diachiso.store import premises
from diachiso.store.embedded import answers, ensure_database, inhabited, running

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")

VISITOR = """
import signal
import sys
from pathlib import Path
from diachiso.store.embedded import answers, running

# a suite started in the background has Ctrl-C ignored, and its children inherit that
signal.signal(signal.SIGINT, signal.default_int_handler)
with running(Path(sys.argv[1])) as cluster:
    try:
        print("inside", flush=True)
        sys.stdin.read()
    except KeyboardInterrupt:
        print("still answers" if answers(cluster) else "gone", flush=True)
"""


@pytest.fixture(scope="module")
def ground():
    """A folder that every account may pass through, as pytest's own may not be."""
    folder = Path(tempfile.mkdtemp(prefix="ground-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def home(ground):
    """A cluster made once; between two tests it is at rest."""
    with running(ground / "home") as cluster:
        ensure_database(cluster, "diachiso")
    return ground / "home"


@contextmanager
def visitor(home):
    """Another process that uses the cluster until it is told to leave."""
    command = [sys.executable, "-c", VISITOR, str(home)]
    with subprocess.Popen(  # noqa: S603  this very Python
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout.readline() == "inside\n"
        yield process
        process.stdin.close()
        assert process.wait(60) in {0, -signal.SIGKILL}


def wait_until(happens, seconds=20):
    deadline = time.monotonic() + seconds
    while not happens() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert happens()


def postmaster(cluster):
    return int((cluster.data / "postmaster.pid").read_text().split("\n")[0])


def ask(cluster, question, database="diachiso"):
    with cluster.connect(database) as connection:
        return connection.execute(question).fetchone()[0]


def test_the_last_one_out_stops_the_server(home):
    with running(home) as cluster:
        with visitor(home):
            pass
        assert answers(cluster)
        first = postmaster(cluster)
        with visitor(home), running(home):
            assert postmaster(cluster) == first
        assert postmaster(cluster) == first
    assert not inhabited(cluster.data)
    assert not answers(cluster)


def test_the_database_has_what_territories_need(home):
    with running(home) as cluster:
        ensure_database(cluster, "diachiso")
        assert ask(cluster, "SELECT count(*) FROM pg_extension WHERE extname <> 'plpgsql'") == 2
        assert ask(cluster, "SELECT lower('ĐƯỜNG LÁNG')") == "đường láng"
        assert ask(cluster, "SELECT ST_SRID('SRID=4326;POINT(105.85 21.03)'::geometry)") == 4326
        assert ask(cluster, "SHOW fsync") == "on"
        assert ask(cluster, "SHOW listen_addresses") == ""


def test_a_database_may_have_any_name(home):
    with running(home) as cluster:
        ensure_database(cluster, name := 'a "b" %c')
        url = cluster.url(name)
        assert url.startswith("postgresql+psycopg://diachiso@/a%20%22b%22%20%25c?host=%2F")
        assert ask(cluster, "SELECT current_database()", name) == name


def test_settings_of_other_clusters_do_not_lead_astray(home, monkeypatch):
    for name in ("PGHOST", "PGPORT", "PGDATA", "PGUSER", "PGDATABASE", "PGPASSFILE"):
        monkeypatch.setenv(name, "/nowhere")
    with running(home) as cluster:
        assert ask(cluster, "SELECT current_user") == "diachiso"


def test_a_killed_user_leaves_no_lock_behind(home):
    with visitor(home) as unlucky:
        unlucky.kill()
    with running(home) as cluster:
        assert answers(cluster)
    assert not inhabited(cluster.data)


def test_ctrl_c_reaches_the_application_and_not_the_server(home):
    with visitor(home) as process:
        os.killpg(process.pid, signal.SIGINT)
        assert process.stdout.readline() == "still answers\n"


def test_what_was_committed_survives_a_killed_server(home):
    with running(home) as cluster:
        with cluster.connect("diachiso") as connection:
            connection.execute("CREATE TABLE fact AS SELECT 7 AS n")
        os.kill(postmaster(cluster), signal.SIGKILL)
        with running(home):
            assert ask(cluster, "SELECT n FROM fact") == 7


def test_a_process_number_used_again_is_not_taken_for_the_server(home):
    with running(home) as cluster:
        words = (cluster.data / "postmaster.pid").read_text().split("\n")
        os.kill(int(words[0]), signal.SIGKILL)
        wait_until(lambda: not inhabited(cluster.data))
    (cluster.data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *words[1:]]))
    with running(home):
        assert answers(cluster)


def test_all_may_come_at_once_to_a_cluster_that_does_not_exist(ground):
    home = ground / "crowd"
    command = [sys.executable, "-c", VISITOR, str(home)]
    crowd = [
        subprocess.Popen(  # noqa: S603  this very Python
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    assert [process.communicate(timeout=60)[0] for process in crowd] == ["inside\n"] * 4
    assert [process.returncode for process in crowd] == [0] * 4
    assert not inhabited(home / "postgres" / "data")


def test_a_long_or_odd_path_gets_its_socket_elsewhere(ground):
    odd = 'it\'s "$HOME" `id` %20, đây'
    with running(ground / odd) as cluster:
        assert cluster.sockets.parent == Path("/tmp")  # noqa: S108  its own folder there
        assert cluster.sockets.stat().st_mode & 0o777 == 0o700
        ensure_database(cluster, "diachiso")
        assert ask(cluster, "SELECT 1") == 1
    cluster.sockets.rmdir()
    outside = premises.sockets_for(ground / ("n" * 120), cluster.account)
    assert len(str(outside)) < len(str(ground)) + 30
    outside.rmdir()


def test_a_socket_folder_that_somebody_else_laid_out_is_refused(ground):
    account = premises.account_for(ground)
    folder = ground / ("s" * 120)
    laid = premises.sockets_for(folder, account)
    laid.rmdir()
    laid.symlink_to(ground)
    with pytest.raises(EmbeddedFailed, match="delete it"):
        premises.sockets_for(folder, account)
    laid.unlink()


@as_root
def test_a_home_out_of_reach_is_a_link_to_data_within_reach(ground, monkeypatch):
    monkeypatch.setattr(premises, "ELSEWHERE", ground / "elsewhere")
    (home := ground / "closed" / "home").mkdir(parents=True)
    home.parent.chmod(0o700)
    account = premises.account_for(home)
    assert not premises.reaches(account, home)
    folder = premises.folder_for(home, account)
    assert folder.parent == ground / "elsewhere"
    assert premises.reaches(account, folder)
    assert premises.folder_for(home, account) == folder == (home / "postgres").resolve()
    folder.rmdir()
    assert premises.folder_for(home, account) != folder


def as_account(name, task, *arguments):
    """Do a task as another account, and hand back what came of it."""
    entry, (here, there) = pwd.getpwnam(name), multiprocessing.Pipe()

    def become_and_do():
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
        try:
            there.send(task(*arguments))
        except EmbeddedFailed as error:
            there.send(error)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads, which have no part in it
        process = multiprocessing.get_context("fork").Process(target=become_and_do)
        process.start()
    process.join(60)
    return here.recv() if here.poll() else process.exitcode


def account_of_the_server(home):
    with running(home) as cluster:
        assert answers(cluster)
        return Path(f"/proc/{postmaster(cluster)}").stat().st_uid


@as_root
def test_an_ordinary_account_has_a_cluster_and_root_may_use_it_too(ground):
    yard = ground / "yard"
    yard.mkdir()
    nobody = pwd.getpwnam("nobody")
    os.chown(yard, nobody.pw_uid, nobody.pw_gid)
    assert as_account("nobody", account_of_the_server, yard / "home") == nobody.pw_uid
    assert account_of_the_server(yard / "home") == nobody.pw_uid
    assert as_account("nobody", account_of_the_server, yard / "home") == nobody.pw_uid


@as_root
def test_what_root_made_is_not_an_ordinary_accounts(home):
    refusal = as_account("nobody", account_of_the_server, home)
    assert isinstance(refusal, EmbeddedFailed)
    assert "belongs to root" in str(refusal)
    assert "sudo make clean" in str(refusal)


def test_a_server_that_cannot_start_names_its_log(home):
    control = home / "postgres" / "data" / "global" / "pg_control"
    control.rename(home / "pg_control")
    with pytest.raises(EmbeddedFailed, match=r"find the database system.*see .*postgres\.log"):
        running(home).__enter__()
    with (home / "users.lock").open() as users:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    (home / "pg_control").rename(control)


def test_a_half_made_cluster_is_made_anew(ground):
    home = ground / "half"
    home.mkdir()
    account = premises.account_for(home)
    (premises.folder_for(home, account) / "data.new").mkdir()
    (home / "postgres" / "data.new" / "left").touch()
    with running(home) as cluster:
        assert answers(cluster)
        assert not (cluster.data / "left").exists()


def test_without_postgresql_or_postgis_it_says_what_to_install(ground, monkeypatch):
    monkeypatch.setattr(premises, "DISTRIBUTION", ground / "distribution")
    monkeypatch.setenv("PATH", str(ground))
    with pytest.raises(EmbeddedFailed, match="apt-get install postgresql-postgis"):
        premises.binaries(None)
    (ground / "distribution" / "99" / "bin").mkdir(parents=True)
    (ground / "distribution" / "99" / "bin" / "initdb").touch()
    with pytest.raises(NoPostgis, match="apt-get install postgresql-99-postgis-3"):
        premises.binaries(None)
    with pytest.raises(EmbeddedFailed, match="PostgreSQL 98, which made the data, is gone"):
        premises.binaries("98")


def test_a_home_that_cannot_be_made_is_said_to_be_so(ground):
    (ground / "file").touch()
    with pytest.raises(EmbeddedFailed, match="cannot make"):
        running(ground / "file" / "home").__enter__()
