"""The answers of the Python driver: JSON with keys and topologies in, tokens and replicas out."""

import json
import sys
from types import SimpleNamespace

import cassandra
from cassandra.connection import DefaultEndPoint
from cassandra.metadata import Murmur3Token, NetworkTopologyStrategy, SimpleStrategy, TokenMap
from cassandra.policies import SimpleConvictionPolicy
from cassandra.pool import Host
from cassandra.query import SimpleStatement


def hosts(rows):
    result = []
    for row in rows:
        host = Host(DefaultEndPoint(row["address"]), SimpleConvictionPolicy, host_id=row["address"])
        host.set_location_info(row["data_center"], row["rack"])
        result.append((host, row["tokens"]))
    return result


def main():
    given = json.load(sys.stdin)
    keys = [bytes.fromhex(key) for key in given["keys"]]
    composites = [[bytes.fromhex(part) for part in parts] for parts in given["composites"]]
    routing_keys = []
    for parts in composites:
        statement = SimpleStatement("")
        statement.routing_key = parts
        routing_keys.append(statement.routing_key)
    tokens = [Murmur3Token.from_key(key) for key in keys]
    answers = []
    for topology in given["topologies"]:
        owners = {}
        for host, own in hosts(topology["hosts"]):
            owners.update((Murmur3Token(token), host) for token in own)
        factors = topology["factors"]
        strategies = {
            "simple": SimpleStrategy({"replication_factor": str(topology["simple"])}),
            "network": NetworkTopologyStrategy({dc: str(factor) for dc, factor in factors}),
        }
        keyspaces = {name: SimpleNamespace(replication_strategy=s) for name, s in strategies.items()}
        token_map = TokenMap(Murmur3Token, owners, sorted(owners), SimpleNamespace(keyspaces=keyspaces))
        answers.append({
            name: [[host.address for host in token_map.get_replicas(name, token)] for token in tokens]
            for name in strategies
        })
    json.dump({
        "version": cassandra.__version__,
        "tokens": [token.value for token in tokens],
        "routing_keys": [key.hex() for key in routing_keys],
        "replicas": answers,
    }, sys.stdout)


main()
