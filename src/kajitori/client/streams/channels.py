"""The words of the remote command protocols: channel numbers, sub-protocol names, and the Status on the error channel.

A WebSocket message is one byte of channel and its data (in the base64 variants: a digit and base64 text). Version 5
adds a message `255, channel` that half-closes a channel. Over SPDY each channel is a stream of its own with a header
`streamType`. The error channel carries one JSON Status when the command is over. May import: nothing of ours.
"""

from __future__ import annotations

import base64
import binascii
import enum
import json
from typing import Any

SPDY_UPGRADE = "SPDY/3.1"
STREAM_PROTOCOL_HEADER = "X-Stream-Protocol-Version"
V5, V4, V3, V2, V1 = (*(f"v{n}.channel.k8s.io" for n in (5, 4, 3, 2)), "channel.k8s.io")
WEBSOCKET_PROTOCOLS = (V5, V4, "v4.base64.channel.k8s.io", V1, "base64.channel.k8s.io", "")
WITHOUT_STATUS = (V1, "base64.channel.k8s.io", "")
"""Of these, protocols whose error channel carries a plain message instead of a Status."""
PORT_FORWARD = "portforward.k8s.io"
PORT_FORWARD_TUNNEL = "SPDY/3.1+portforward.k8s.io"


class Channel(enum.IntEnum):
    """Numbers on the wire; CLOSE is no channel but the message that half-closes one."""

    STDIN = 0
    STDOUT = 1
    STDERR = 2
    ERROR = 3
    RESIZE = 4
    CLOSE = 255


def encode_message(channel: int, data: bytes, protocol: str) -> tuple[bytes, bool]:
    """(message, is it text)."""
    if "base64" in protocol:
        return b"%d" % channel + base64.b64encode(data), True
    return bytes((channel,)) + data, False


def decode_message(message: bytes, protocol: str) -> tuple[int, bytes]:
    """(channel, data); ValueError on rubbish."""
    if not message:
        raise ValueError("empty message")
    if "base64" not in protocol:
        return message[0], message[1:]
    try:
        return int(message[:1]), base64.b64decode(message[1:], validate=True)
    except binascii.Error as err:
        raise ValueError("not base64") from err


def terminal_size(width: int, height: int) -> bytes:
    """A message on the RESIZE channel, in characters."""
    return json.dumps({"Width": width, "Height": height}, separators=(",", ":")).encode() + b"\n"


def success_status() -> dict[str, Any]:
    """What the error channel says of a command that ended with 0."""
    return {"metadata": {}, "status": "Success"}


def failure_status(message: str) -> dict[str, Any]:
    """What it says when the command could not be run, or its end not be learnt."""
    return {
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": "InternalError",
        "details": {"causes": [{"message": message.removeprefix("Internal error occurred: ")}]},
        "code": 500,
    }


def exit_status(exit_code: int) -> dict[str, Any]:
    """What it says of a command that ended with this exit code."""
    if exit_code == 0:
        return success_status()
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: exit status {exit_code}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(exit_code)}]},
    }


class RemoteCommandError(Exception):
    """The command could not be run, or its end is unknown; `str()` is what kubectl prints after `error: `."""


def exit_code(status: bytes) -> int:
    """The command's exit code as the error channel tells it; RemoteCommandError if it never ran."""
    if not status.strip():
        return 0
    try:
        decoded = json.loads(status)
    except ValueError:
        raise RemoteCommandError(f"error executing remote command: {status.decode('utf-8', 'replace')}") from None
    if not isinstance(decoded, dict) or decoded.get("status") == "Success":
        return 0
    for cause in (decoded.get("details") or {}).get("causes") or ():
        if decoded.get("reason") == "NonZeroExitCode" and cause.get("reason") == "ExitCode":
            try:
                return int(cause.get("message", ""))
            except ValueError:
                break
    raise RemoteCommandError(decoded.get("message") or "error executing remote command")
