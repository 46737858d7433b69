"""The whole product on several machines, which are made of namespaces: `network`, `machine`, `daemon`, `tab`, `person`.

A `Network` is one bridge in a user namespace, so nothing here needs root or touches the network of the host. Each
`Machine` is a network, mount, UTS and IPC namespace on a cable that can be pulled. A `Daemon` runs there, a `Tab` talks
to its WebSocket, and a `Person` uses its page in a real `Browser`. `Lan` makes all of them for a test, and keeps the
evidence of one that fails in the folder ``evidence`` under the test's ``tmp_path``.
"""
