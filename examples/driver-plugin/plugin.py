#!/usr/bin/python3
"""A driver plugin for Interposer: serves driver.v1 for chips that files describe, one folder a chip.

    protoc --proto_path=proto/src/main/proto --python_out=FOLDER interposer/driver/v1/driver.proto
    PYTHONPATH=FOLDER plugin.py SOCKET CHIPS

A chip's folder is its name. It holds memory_bytes, health (healthy, or degraded or failed and why), and, where it can
measure them, busy_percent, used_bytes, celsius and watts. Needs Debian's python3-grpcio, python3-protobuf and
protobuf-compiler. To make it your driver, replace Chips by calls of your vendor's library.
"""
import pathlib
import sys
import time
from concurrent import futures

import grpc
from interposer.driver.v1 import driver_pb2 as v1

STATES = {"healthy": v1.HEALTH_STATE_HEALTHY, "degraded": v1.HEALTH_STATE_DEGRADED, "failed": v1.HEALTH_STATE_FAILED}


class Chips:
    """What there is and what it measures."""

    def __init__(self, root):
        self.root = pathlib.Path(root)

    def names(self):
        return sorted(folder.name for folder in self.root.iterdir() if folder.is_dir())

    def value(self, name, file):
        try:
            return (self.root / name / file).read_text(errors="replace").strip()
        except OSError:
            return None

    def number(self, name, file):
        """None for what is no number: one wrong file must not take all devices away."""
        try:
            number = float(self.value(name, file) or "nan")
            return number if abs(number) < 2**53 else None
        except ValueError:
            return None

    def device(self, name):
        return v1.Device(
            name=name,
            memory_bytes=max(0, int(self.number(name, "memory_bytes") or 0)),
            attributes={"vendor": "example", "model": "example-npu"},
            health=self.health(name),
        )

    def health(self, name):
        """The contract takes a cause of 1 to 1,024 characters for what is ill, and none for what is well."""
        says = self.value(name, "health") or "failed its health can't be read"
        state, _, cause = says.partition(" ")
        if state not in STATES:
            state, cause = "degraded", f"its health is said to be {says}"
        if state == "healthy":
            return v1.Health(state=STATES[state])
        return v1.Health(state=STATES[state], cause=cause.strip()[:500] or f"its health file says no more than {state}")

    def inventory(self):
        return v1.Inventory(devices=[self.device(name) for name in self.names()])

    def stats(self, name):
        files = {"utilization_milli": ("busy_percent", 10), "memory_used_bytes": ("used_bytes", 1),
                 "temperature_celsius": ("celsius", 1), "power_milliwatts": ("watts", 1000)}
        values = {field: (self.number(name, file), scale) for field, (file, scale) in files.items()}
        return v1.StatsResponse(**{field: int(v * scale) for field, (v, scale) in values.items() if v is not None})


class Driver:
    """The five calls."""

    def __init__(self, chips):
        self.chips = chips

    def known(self, names, context):
        for name in names:
            if name not in self.chips.names():
                context.abort(grpc.StatusCode.NOT_FOUND, f"there is no device {name}")

    def Identify(self, request, context):
        return v1.IdentifyResponse(protocol_version=1, name="example-npu", version="1.0")

    def WatchInventory(self, request, context):
        """The whole inventory again whenever anything of it changed, which is the simplest that is right."""
        said = None
        while context.is_active():
            present = self.chips.inventory()
            if present != said:
                said = present
                yield v1.InventoryEvent(inventory=present)
            time.sleep(0.2)

    def Stats(self, request, context):
        self.known([request.device_name], context)
        return self.chips.stats(request.device_name)

    def Prepare(self, request, context):
        self.known(request.device_names, context)
        order = self.chips.names()
        indexes = ",".join(str(order.index(name)) for name in request.device_names)
        return v1.PrepareResponse(env={"EXAMPLE_VISIBLE_DEVICES": indexes})

    def Unprepare(self, request, context):
        return v1.UnprepareResponse()


def main(socket, chips):
    driver = Driver(Chips(chips))
    methods = {"Identify": v1.IdentifyRequest, "Stats": v1.StatsRequest, "Prepare": v1.PrepareRequest,
               "Unprepare": v1.UnprepareRequest}
    handlers = {name: grpc.unary_unary_rpc_method_handler(
        getattr(driver, name), request.FromString, lambda answer: answer.SerializeToString())
        for name, request in methods.items()}
    handlers["WatchInventory"] = grpc.unary_stream_rpc_method_handler(
        driver.WatchInventory, v1.WatchInventoryRequest.FromString, lambda event: event.SerializeToString())
    # Each watch holds a thread for as long as it lasts.
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=16))
    service = grpc.method_handlers_generic_handler("interposer.driver.v1.DriverService", handlers)
    server.add_generic_rpc_handlers([service])
    pathlib.Path(socket).unlink(missing_ok=True)
    server.add_insecure_port(f"unix:{socket}")
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    main(*sys.argv[1:])
