"""An IPython in this process, real kernels beside it, and notebooks that run in them."""

from __future__ import annotations

import os
import queue
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from jupyter_client.manager import KernelManager

from tests.conftest import Graph, Project

LOAD = "%load_ext neo4j_migrate_magic"


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let IPython and Jupyter keep what they keep in a folder of the test's own."""
    home = tmp_path.with_name(f"{tmp_path.name}-jupyter")
    home.mkdir()
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR"):
        monkeypatch.setenv(name, str(home / name.lower()))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(home / "runtime"))
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    monkeypatch.delenv("CI", raising=False)
    return tmp_path


@pytest.fixture
def ip(places: Path) -> Iterator[InteractiveShell]:
    """An IPython without the extension."""
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    shell.run_line_magic("colors", "nocolor" if _new() else "NoColor")
    yield shell
    shell.run_cell("%unload_ext neo4j_migrate_magic", store_history=False)
    shell.history_manager.end_session()
    shell.history_manager.save_thread and shell.history_manager.save_thread.stop()
    InteractiveShell.clear_instance()


def _new() -> bool:
    from IPython import version_info

    return version_info[0] >= 9


@pytest.fixture
def magic(ip: InteractiveShell, project: Project) -> InteractiveShell:
    """An IPython with the extension, in an empty project without a target."""
    ip.run_cell(LOAD).raise_error()
    return ip


@pytest.fixture
def target(lts_graph: Graph, project: Project) -> Graph:
    """An empty database that the project names."""
    with project.config.open("a") as config:
        config.write(f'uri = "{lts_graph.uri}"\n')
    return lts_graph


@dataclass
class Outputs:
    """What a cell gave: messages of its outputs, in order, and its reply."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    reply: dict[str, Any] = field(default_factory=dict)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [m["content"] for m in self.messages if m["msg_type"] == kind]

    @property
    def error(self) -> dict[str, Any] | None:
        found = self.of("error")
        assert len(found) <= 1
        return found[0] if found else None

    @property
    def lines(self) -> list[str]:
        """The lines of the error output."""
        return list(self.error["traceback"]) if self.error else []

    @property
    def text(self) -> str:
        return "".join(one["text"] for one in self.of("stream"))

    @property
    def result(self) -> dict[str, str]:
        found = self.of("execute_result")
        return dict(found[0]["data"]) if found else {}

    @property
    def shown(self) -> dict[str, str]:
        """The last state of the display that was updated."""
        found = [*self.of("display_data"), *self.of("update_display_data")]
        return dict(found[-1]["data"]) if found else {}

    def __str__(self) -> str:
        return "\n".join([self.text, *self.lines, str(self.result.get("text/plain"))])


class Kernel:
    """A real kernel, driven as a front end does."""

    def __init__(self, cwd: Path) -> None:
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel(cwd=str(cwd))
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def start(self, code: str, *, stdin: bool = False) -> str:
        return str(self.client.execute(code, allow_stdin=stdin))

    def end(self, message: str, *, timeout: float = 60, answer: str = "") -> Outputs:
        """Take outputs until the cell is over; answer a question with `answer`."""
        outputs, until = Outputs(), time.monotonic() + timeout
        idle = False
        while not idle or not outputs.reply:
            assert time.monotonic() < until, f"no end: {outputs.messages}"
            if answer:
                self._answer(answer)
            idle = self._take(message, outputs) or idle
            try:
                reply = self.client.get_shell_msg(timeout=0.05)
            except queue.Empty:
                continue
            if reply["parent_header"].get("msg_id") == message:
                outputs.reply = reply["content"]
        return outputs

    def _take(self, message: str, outputs: Outputs) -> bool:
        try:
            while True:
                found = self.client.get_iopub_msg(timeout=0.05)
                if found["parent_header"].get("msg_id") != message:
                    continue
                if found["msg_type"] != "status":
                    outputs.messages.append(found)
                elif found["content"]["execution_state"] == "idle":
                    return True
        except queue.Empty:
            return False

    def _answer(self, answer: str) -> None:
        try:
            self.client.get_stdin_msg(timeout=0.01)
        except queue.Empty:
            return
        self.client.input(answer)

    def run(self, code: str, **more: Any) -> Outputs:
        answer = more.pop("answer", "")
        message = self.start(code, stdin=bool(answer))
        return self.end(message, answer=answer, **more)

    def good(self, code: str, **more: Any) -> Outputs:
        outputs = self.run(code, **more)
        assert outputs.error is None, str(outputs)
        return outputs

    def interrupt(self) -> None:
        self.manager.interrupt_kernel()

    def stop(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture
def kernel(places: Path, project: Project, target: Graph) -> Iterator[Kernel]:
    """A kernel in a project that names an empty database, with the extension loaded."""
    found = Kernel(project.root)
    try:
        found.good(LOAD)
        yield found
    finally:
        found.stop()


@pytest.fixture
def until() -> Callable[..., None]:
    """Wait until something is so."""

    def wait(ready: Callable[[], object], seconds: float = 90) -> None:
        end = time.monotonic() + seconds
        while not ready():
            assert time.monotonic() < end, "it never was so"
            time.sleep(0.05)

    return wait


def environment() -> dict[str, str]:
    """The variables for a process that runs notebooks."""
    return {**os.environ, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
