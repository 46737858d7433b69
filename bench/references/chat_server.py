"""The classic design of a chat: one server for everybody. ``python -m gevent.monkey --module THIS`` runs it.

Flask-SocketIO, on the server that its documentation names for production: gevent with gevent-websocket. Writes its port
when it is ready.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, request
from flask_socketio import SocketIO, emit, join_room
from gevent.pywsgi import WSGIServer
from geventwebsocket.handler import WebSocketHandler


def application() -> Flask:
    """What a person says is handed to the room of another; who said it hears when the other has acknowledged it."""
    app = Flask(__name__)
    socketio = SocketIO(app, async_mode="gevent")

    def join(name: str) -> None:
        join_room(name)

    def message(words: dict[str, Any]) -> None:
        sender = request.sid  # type: ignore[attr-defined]

        def delivered(*_: object) -> None:
            socketio.emit("delivered", words["id"], to=sender)

        emit("message", words, to=words["person"], callback=delivered)

    socketio.on_event("join", join)
    socketio.on_event("message", message)
    return app


def main() -> None:
    """Serve until killed."""
    server = WSGIServer(("127.0.0.1", 0), application(), handler_class=WebSocketHandler, log=None)
    server.start()
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
