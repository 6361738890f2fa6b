"""Scripts run over a real OpenSSH server on this machine, which fails in all the ways that a board can."""

import ast
import inspect
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

import pytest

from tests.edge.sshd import (
    Server,
    command_name,
    descendants,
    free_port,
    is_alive,
    new_folder,
    new_key,
    serve,
    wait_until,
)
from vibhar.edge import board as board_module
from vibhar.edge import on_board, ssh
from vibhar.edge.board import run_on_board
from vibhar.edge.ssh import Board
from vibhar.errors import InputError

WAIT = "import os, time\nprint(os.getpid())\nprint('second')\ntime.sleep(30)\n"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serve(new_folder(tmp_path / "a 50% board")) as serving:
        yield serving


def bundle(folder: Path, program: str, name: str = "bundle") -> Path:
    """A folder with one program, run.py."""
    (new_folder(folder / name) / "run.py").write_text(program)
    return folder / name


def start(board: Board, folder: Path, program: str, arguments: Sequence[str] = ()) -> Generator[str]:
    return run_on_board(board, [bundle(folder, program)], "bundle/run.py", arguments)


def failure(board: Board, folder: Path, program: str = "print('ran')", lines: Sequence[str] = ()) -> str:
    """The message of a run that fails after `lines`."""
    run = start(board, folder, program)
    came = []
    with pytest.raises(InputError) as error:
        for line in run:
            came.append(line)
    assert came == list(lines)
    return str(error.value)


def test_names_and_arguments_arrive_as_they_are(server: Server, tmp_path: Path) -> None:
    touch = f"$(touch {tmp_path}/executed); touch {tmp_path}/executed; `touch {tmp_path}/executed`"
    arguments = ["", "two words", "'single' \"double\"", touch, "first\nsecond", "\\n", "*", "-x", "µ", "%h ~ !!"]
    strange = tmp_path / 'it\'s "a" $(touch executed); new\nline'
    (bundle(tmp_path, "", strange.name) / "data.txt").write_text("data")
    program = bundle(
        tmp_path,
        "import sys, json, pathlib\nprint(json.dumps([sys.argv[1:], sorted(map(str, pathlib.Path().rglob('*')))]))",
    )
    [line] = run_on_board(server.board, [program, strange], "bundle/run.py", arguments)
    found = ["bundle", "bundle/run.py", strange.name, f"{strange.name}/data.txt", f"{strange.name}/run.py"]
    assert json.loads(line) == [arguments, found]
    assert not (tmp_path / "executed").exists()
    assert not (Path.home() / "executed").exists()
    assert not list(server.temporary.iterdir())


def test_lines_come_while_the_script_runs(server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = (
        "import sys, time, pathlib\nprint('first')\nprint('warning', file=sys.stderr)\n"
        f"while not pathlib.Path({str(tmp_path / 'go')!r}).exists(): time.sleep(0.01)\nprint('µ \\x1e last', end='')"
    )
    run = start(server.board, tmp_path, program)
    assert next(run) == "first"
    (tmp_path / "go").touch()
    assert list(run) == ["µ \x1e last"]
    assert "warning\n" in capsys.readouterr().err


def test_a_talkative_login_shell(tmp_path: Path) -> None:
    with serve(tmp_path, greeting="printf 'Welcome!\\nno newline '") as server:
        assert list(start(server.board, tmp_path, "print('ran')")) == ["ran"]


def test_large_folders_and_many_lines(server: Server, tmp_path: Path) -> None:
    program = (
        "import pathlib\nprint(pathlib.Path('bundle/large').stat().st_size)\nfor i in range(20000): print('x' * 100)"
    )
    (new_folder(tmp_path / "bundle") / "large").write_bytes(os.urandom(20_000_000))
    lines = list(start(server.board, tmp_path, program))
    assert lines[0] == "20000000"
    assert lines[1:] == ["x" * 100] * 20000


def test_what_the_script_leaves_running_is_ended(server: Server, tmp_path: Path) -> None:
    child = "subprocess.Popen(['python3', '-c', 'import time; time.sleep(30)'], stdout=subprocess.DEVNULL)"
    begin = time.monotonic()
    [line] = start(server.board, tmp_path, f"import subprocess\nprint({child}.pid)")
    wait_until(lambda: not is_alive(int(line)))
    assert time.monotonic() - begin < 20


@pytest.mark.parametrize("stop", ["close", "interrupt"])
def test_a_run_given_up_leaves_nothing(server: Server, tmp_path: Path, stop: str) -> None:
    run = start(server.board, tmp_path, WAIT)
    pid = int(next(run))
    assert is_alive(pid)
    assert list(server.temporary.iterdir())
    if stop == "close":
        run.close()
    else:
        with pytest.raises(KeyboardInterrupt):
            run.throw(KeyboardInterrupt)
    assert not is_alive(pid)
    assert not list(server.temporary.iterdir())


def test_a_lost_connection_keeps_the_lines_and_leaves_nothing(server: Server, tmp_path: Path) -> None:
    run = start(server.board, tmp_path, WAIT)
    pid = int(next(run))
    assert next(run) == "second"
    for process in server.processes():
        os.kill(process, signal.SIGKILL)
    with pytest.raises(InputError, match=r"connection to .* was lost .* lines that had come before are kept"):
        next(run)
    wait_until(lambda: not is_alive(pid) and not list(server.temporary.iterdir()))


def test_a_silent_connection_leaves_nothing(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_module, "BEAT_SECONDS", 0.1)
    monkeypatch.setattr(board_module, "SILENCE_SECONDS", 1.0)
    run = start(server.board, tmp_path, "import time\ntime.sleep(2)\n" + WAIT)
    pid = int(next(run))  # after twice the time that it may be silent: the signs of life arrive
    [client] = [child for child in descendants(os.getpid()) if command_name(child) == "ssh"]
    os.kill(client, signal.SIGSTOP)
    try:
        wait_until(lambda: not is_alive(pid) and not list(server.temporary.iterdir()))
    finally:
        os.kill(client, signal.SIGCONT)
        run.close()


def test_a_killed_caller_leaves_nothing(server: Server, tmp_path: Path) -> None:
    call = f"""
from pathlib import Path, PosixPath
from vibhar.edge.board import Board, run_on_board
for line in run_on_board({server.board!r}, [{bundle(tmp_path, WAIT)!r}], "bundle/run.py", []):
    print(line, flush=True)
"""
    with subprocess.Popen([sys.executable, "-c", call], stdout=subprocess.PIPE, text=True) as caller:
        assert caller.stdout
        pid = int(caller.stdout.readline())
        processes = [pid, *descendants(caller.pid)]
        caller.kill()
    wait_until(lambda: not any(map(is_alive, processes)) and not list(server.temporary.iterdir()))


def test_an_old_python_can_read_the_program() -> None:
    ast.parse(inspect.getsource(on_board), feature_version=(3, 5))


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGHUP])
def test_a_board_that_shuts_down_leaves_nothing(server: Server, tmp_path: Path, signum: signal.Signals) -> None:
    run = start(server.board, tmp_path, "import os\nprint(os.getppid())\n" + WAIT)
    python, pid = int(next(run)), int(next(run))
    os.kill(python, signum)
    with pytest.raises(InputError, match=f"or the board ended it; ssh ended with status {128 + signum}"):
        list(run)
    assert not is_alive(pid)
    assert not list(server.temporary.iterdir())


def test_a_script_that_fails(server: Server, tmp_path: Path) -> None:
    message = failure(server.board, tmp_path, "print('one')\nraise ValueError('the reason')", ["one"])
    assert "bundle/run.py ended with exit status 1 on " in message
    assert message.endswith("ValueError: the reason")
    killed = failure(server.board, tmp_path, "import os\nos.kill(os.getpid(), 9)")
    assert "was ended by SIGKILL" in killed
    assert "memory" in killed
    assert not list(server.temporary.iterdir())


def test_nothing_listens(server: Server, tmp_path: Path) -> None:
    port = free_port()
    message = failure(server.board._replace(port=port), tmp_path)
    assert f"127.0.0.1 at port {port}: nothing listens" in message
    assert "Connection refused" in message


def test_an_unknown_host(server: Server, tmp_path: Path) -> None:
    assert "no machine of that name is known" in failure(server.board._replace(host="x" * 64), tmp_path)


def test_no_answer(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh, "CONNECT_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        assert "did not answer" in failure(server.board._replace(port=mute.getsockname()[1]), tmp_path)


def test_a_key_that_is_refused(server: Server, tmp_path: Path) -> None:
    message = failure(server.board._replace(key=new_key(tmp_path / "other")), tmp_path)
    assert "takes none of the keys" in message
    assert "ssh-copy-id" in message


def test_a_key_that_others_can_read(server: Server, tmp_path: Path) -> None:
    assert server.board.key
    server.board.key.chmod(0o644)
    assert "chmod 600" in failure(server.board, tmp_path)


def test_host_keys_are_checked(server: Server, tmp_path: Path) -> None:
    known = server.board.known_hosts
    assert known
    other = new_key(tmp_path / "other").with_suffix(".pub").read_text()
    known.write_text(f"[127.0.0.1]:{server.board.port} {other}")
    assert "ssh-keygen -R" in failure(server.board, tmp_path)
    known.write_text("")
    assert "its host key is not known here" in failure(server.board, tmp_path)


def test_no_python(tmp_path: Path) -> None:
    with serve(tmp_path, path=tmp_path) as server:
        assert "has no python3" in failure(server.board, tmp_path)


def test_an_old_python(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_module, "OLDEST_PYTHON", (3, 99))
    assert "3.99 or later is needed" in failure(server.board, tmp_path)
    assert not list(server.temporary.iterdir())


@pytest.fixture
def card(tmp_path: Path) -> Iterator[Path]:
    """A file system with room for 64 KiB."""
    folder = new_folder(tmp_path / "card")
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no small file system can be mounted here: {getattr(error, 'stderr', error)}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize(("files", "size"), [(1, 100_000), (100, 1)])
def test_a_full_card(tmp_path: Path, card: Path, files: int, size: int) -> None:
    for number in range(files):  # a hundred of one byte are too many only once they are written, to whole blocks
        (new_folder(tmp_path / "bundle") / str(number)).write_bytes(b"x" * size)
    with serve(new_folder(tmp_path / "server"), temporary=card) as server:
        message = failure(server.board, tmp_path, "")
    assert f"has no room: {files * size:,} bytes are needed in {card}, 65,536 are free" in message
    assert not list(card.iterdir())


@pytest.mark.parametrize("host", ["", "-oProxyCommand=touch x", "a b", "a\nb", "a;b", "$(x)", "ssh://a", "a\x00"])
def test_hosts_that_are_none(host: str, tmp_path: Path) -> None:
    assert "which cannot be given to ssh" in failure(Board(host), tmp_path)
    assert "which cannot be given to ssh" in failure(Board("board", user=host), tmp_path)


def test_settings_that_are_wrong(tmp_path: Path) -> None:
    plain, quoted = tmp_path / "key", tmp_path / 'a"b'
    quoted.touch()
    assert "from 1 to 65535" in failure(Board("board", port=0), tmp_path)
    assert "is not a file" in failure(Board("board", key=plain), tmp_path)
    assert "has a quote" in failure(Board("board", key=quoted), tmp_path)


def test_folders_that_cannot_go_together(tmp_path: Path) -> None:
    twice = [new_folder(tmp_path / "a" / "bundle"), new_folder(tmp_path / "b" / "bundle")]
    with pytest.raises(InputError, match="Two folders of the name 'bundle'"):
        list(run_on_board(Board("board"), twice, "run.py", []))
    with pytest.raises(InputError, match="is not a folder"):
        list(run_on_board(Board("board"), [tmp_path / "missing"], "run.py", []))


def test_no_ssh_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "There is no ssh here" in failure(Board("board"), tmp_path)
