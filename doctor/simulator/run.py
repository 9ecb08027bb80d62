"""A simulated Azure that runs while a `with` block does."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from doctor.simulator import faults as faulty
from doctor.simulator.arm import Arm
from doctor.simulator.entra import Entra
from doctor.simulator.foundry import Foundry
from doctor.simulator.graph import Graph
from doctor.simulator.names import GRAPH_HOSTS, HOSTS
from doctor.simulator.scenario import load_scenario
from doctor.simulator.scenario_model import Scenario
from doctor.simulator.server import Listener
from doctor.simulator.tls import make_context
from doctor.simulator.tokens import Mint
from doctor.simulator.wire import Logged, Refused, Reply, Request, json_reply
from doctor.simulator.world import World

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from doctor.simulator.scenario_model import Fault


class Simulator:
    """An Azure in this process, serving one scenario on a loopback port.

    Attributes:
        scenario: The scenario served.
        state: Its world, which may be changed while it runs (`state.assign(…)`).
    """

    def __init__(
        self,
        scenario: str | Path | Scenario = "healthy",
        latency_ms: float = 0,
        port: int = 0,
        *,
        faults: tuple[Fault, ...] = (),
    ) -> None:
        """Prepare it; nothing listens before the `with` block.

        Args:
            scenario: A bundled scenario's name, a file, or a loaded scenario.
            latency_ms: Milliseconds that every request takes longer, Entra's included.
            port: Port on 127.0.0.1; 0 takes a free one.
            faults: Faults beside those of the scenario.

        Raises:
            ScenarioError: the scenario cannot be used.
        """
        self.scenario = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
        self.state = World(self.scenario)
        self._mint = Mint(self.state)
        self._entra = Entra(self.state, self._mint)
        self._arm = Arm(self.state, self._mint)
        self._foundry = Foundry(self.state, self._mint)
        self._graph = Graph(self.state, self._mint)
        self._faults = faulty.Faults((*self.scenario.faults.values(), *faults))
        self._latency_s = latency_ms / 1000
        self._wanted_port = port
        self._log: list[Logged] = []
        self._log_lock = threading.Lock()
        self._folder: Path | None = None
        self._listener: Listener | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        """Start listening.

        Raises:
            OSError: the port is taken.
        """
        self._folder = Path(tempfile.mkdtemp(prefix="agentdoctor-"))
        try:
            context = make_context(self.ca_file, self._foundry.hosts)
            self._listener = Listener(self._wanted_port, context, self._answer)
        except BaseException:
            shutil.rmtree(self._folder)
            raise
        self._thread = threading.Thread(
            target=self._listener.serve_forever, kwargs={"poll_interval": 0.02}, name="simulator", daemon=True
        )
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening and remove the certificate file."""
        if self._listener is not None and self._thread is not None:
            self._listener.close()
            self._thread.join()
        if self._folder is not None:
            shutil.rmtree(self._folder)

    @property
    def port(self) -> int:
        """The port on 127.0.0.1."""
        if self._listener is None:
            raise RuntimeError("The simulator is not running: use it in a `with` block.")
        return int(self._listener.server_address[1])

    @property
    def ca_file(self) -> Path:
        """The PEM file of the authority that signed the simulator's certificate."""
        if self._folder is None:
            raise RuntimeError("The simulator is not running: use it in a `with` block.")
        return self._folder / "ca.pem"

    @property
    def connect_to(self) -> str:
        """The value for `--connect-to` (or curl's) that brings every host here."""
        return f"::127.0.0.1:{self.port}"

    @property
    def environ(self) -> dict[str, str]:
        """The variables that EnvironmentCredential signs the caller in with; the secret is made at every start."""
        return {
            "AZURE_TENANT_ID": self._entra.home_tenant,
            "AZURE_CLIENT_ID": self._entra.client_id,
            "AZURE_CLIENT_SECRET": self._entra.secret,
        }

    @property
    def target(self) -> str:
        """What to check: the endpoint of the application, unless the scenario says otherwise."""
        wanted, places = self.scenario.target, self.state.places
        if wanted == "application":
            name = self.scenario.application.name
            return f"{places.endpoint}/applications/{name}/protocols/openai/responses?api-version=2025-11-15-preview"
        if wanted.startswith("agent:"):
            name, _, protocol = wanted.removeprefix("agent:").partition("/")
            version = "2025-05-15-preview" if protocol.lower() == "activityprotocol" else "v1"
            path = f"agents/{name}/endpoint/protocols/{protocol or 'openai/responses'}"
            return f"{places.endpoint}/{path}?api-version={version}"
        if wanted == "resource-id":
            return places.application
        return str(self.state.expand(wanted))

    @property
    def requests(self) -> tuple[Logged, ...]:
        """Every request so far, in the order in which they were answered."""
        with self._log_lock:
            return tuple(self._log)

    def _answer(self, request: Request, query: str) -> tuple[Reply, int]:
        at = time.monotonic()
        striking = self._faults.striking(request)
        reply = faulty.instead(striking, request) or self._serve(request)
        reply = faulty.damaged(reply, striking)
        if self._latency_s:
            time.sleep(self._latency_s)
        logged = Logged(request.method, request.host, request.path, query, reply.status, bool(request.bearer), at)
        with self._log_lock:
            self._log.append(logged)
        return reply, faulty.skew(striking)

    def _serve(self, request: Request) -> Reply:
        try:
            if request.host in {hosts[0] for hosts in HOSTS.values()}:
                return self._entra.handle(request)
            if request.host == self.state.places.arm_host:
                return self._arm.handle(request)
            if request.host in GRAPH_HOSTS.values():
                return self._graph.handle(request)
            if self._foundry.serves(request.host):
                return self._foundry.handle(request)
        except Refused as refused:
            return refused.reply
        return json_reply(404, {"error": {"code": "404", "message": f"Nobody here is called '{request.host}'."}})
