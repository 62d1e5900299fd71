"""OpenStack Swift with its S3 interface in one process and one folder: `swift-server.py FOLDER`, of Debian's python3-swift.

It says {"port": N} when it answers on 127.0.0.1, and ends when its standard input does, so that it never outlives its test.
Whoever calls is test:tester with the secret `testing`.
"""
import json
import os
import sys

import eventlet
import eventlet.debug
from eventlet import tpool, wsgi

eventlet.monkey_patch()
eventlet.debug.hub_exceptions(False)

from swift.account.server import AccountController  # noqa: E402
from swift.common import utils  # noqa: E402
from swift.common.middleware import slo, tempauth  # noqa: E402
from swift.common.middleware.s3api import s3api  # noqa: E402
from swift.common.ring import RingBuilder  # noqa: E402
from swift.container.server import ContainerController  # noqa: E402
from swift.obj.server import ObjectController  # noqa: E402
from swift.proxy.server import Application  # noqa: E402


class Cache:
    """What Swift asks of memcached, which it has no use for here but insists on."""

    def __init__(self, app):
        self.app = app
        self.values = {}

    def __call__(self, env, start_response):
        env['swift.cache'] = self
        return self.app(env, start_response)

    def get(self, key, **_):
        return self.values.get(key)

    def set(self, key, value, **_):
        self.values[key] = value

    def delete(self, key, **_):
        self.values.pop(key, None)


class Silence:
    def write(self, *_):
        pass

    def flush(self):
        pass


def main(folder):
    utils.HASH_PATH_SUFFIX = b'kitaab'
    os.makedirs(os.path.join(folder, 'device'))
    conf = {'devices': folder, 'swift_dir': folder, 'mount_check': 'false', 'log_level': 'CRITICAL',
            'account_autocreate': 'true', 'allow_account_management': 'true', 'conn_timeout': '5', 'node_timeout': '30'}
    kinds = {'account': AccountController, 'container': ContainerController, 'object': ObjectController}
    sockets = {kind: eventlet.listen(('127.0.0.1', 0)) for kind in kinds}
    for kind, socket in sockets.items():
        save_ring(folder, kind, socket.getsockname()[1])
    for kind, controller in kinds.items():
        serve(sockets[kind], controller(conf))
    app = Application(conf)
    for middleware, own in ((slo, {}), (tempauth, {'user_test_tester': 'testing .admin'}), (s3api, {})):
        app = middleware.filter_factory(conf, **own)(app)
    front = eventlet.listen(('127.0.0.1', 0))
    serve(front, Cache(app))
    print(json.dumps({'port': front.getsockname()[1]}), flush=True)


def save_ring(folder, kind, port):
    """One device is all that holds anything, once."""
    builder = RingBuilder(1, 1, 1)
    builder.add_dev({'id': 0, 'region': 1, 'zone': 1, 'ip': '127.0.0.1', 'port': port, 'device': 'device', 'weight': 1})
    builder.rebalance()
    builder.get_ring().save(os.path.join(folder, '%s.ring.gz' % kind))


def serve(socket, app):
    eventlet.spawn(wsgi.server, socket, app, Silence(), max_size=200)


main(sys.argv[1])
tpool.execute(sys.stdin.read)
