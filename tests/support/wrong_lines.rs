//! Wrong lines in the notation of each preset of the example `route`.

/// A line of another server, which is right.
pub(crate) fn right(preset: &str) -> &'static str {
    match preset {
        "libketama" => "10.0.0.9:11211 1",
        "twemproxy" => "10.0.0.9:11211:1",
        "redis-cluster" => "z 0-99",
        "cassandra-simple" | "cassandra-network" => "z tokens=99",
        _ => "10.0.0.9:11211",
    }
}

/// Wrong lines and the token that the error names.
pub(crate) fn wrong(preset: &str) -> Vec<(&'static str, &'static str)> {
    let mut all = vec![("", ""), (" \t ", "")];
    let unknown = [("a speed=3", "speed=3"), ("a weight", "weight"), ("a b", "b")];
    let weights = [
        ("a weight=x", "weight=x"),
        ("a weight=", "weight="),
        ("a weight=-1", "weight=-1"),
        ("a weight=+1", "weight=+1"),
        ("a weight=1.5", "weight=1.5"),
        ("a weight=4294967296", "weight=4294967296"),
        ("a weight=99999999999999999999", "weight=99999999999999999999"),
    ];
    let ports = [
        ("10.0.0.1:70000", "10.0.0.1:70000"),
        ("10.0.0.1:x", "10.0.0.1:x"),
        ("10.0.0.1:-1", "10.0.0.1:-1"),
        ("10.0.0.1:+80", "10.0.0.1:+80"),
        ("[2001:db8::1]:65536", "[2001:db8::1]:65536"),
        (":11211", ":11211"),
    ];
    let no_weight = [("a weight=0", "weight=0")];
    match preset {
        "nginx" | "nginx-modulo" => {
            all.extend(unknown.into_iter().chain(weights).chain(ports).chain(no_weight));
            all.extend([("10.0.0.1:", "10.0.0.1:"), ("a down=1", "down=1")]);
        }
        "libmemcached-weighted"
        | "libmemcached-ketama"
        | "libmemcached-spy"
        | "libmemcached-modula"
        | "dalli"
        | "spymemcached" => {
            all.extend(unknown.into_iter().chain(weights).chain(ports));
        }
        "uhashring" | "npm-hashring" => all.extend(unknown.into_iter().chain(weights)),
        "libketama" => all.extend([
            ("10.0.0.1:11211", ""),
            ("10.0.0.1:11211 x", "x"),
            ("10.0.0.1:11211 0", "0"),
            ("10.0.0.1:11211 -1", "-1"),
            ("10.0.0.1:11211 4294967296", "4294967296"),
            ("10.0.0.1:11211 1 2", "2"),
            ("10.0.0.1:70000 1", "10.0.0.1:70000"),
            (":11211 1", ":11211"),
            ("a.name.of.24.characters. 1", "a.name.of.24.characters."),
        ]),
        "twemproxy" => all.extend([
            ("10.0.0.1", "10.0.0.1"),
            ("10.0.0.1:11211", "10.0.0.1"),
            ("10.0.0.1:11211:x", "x"),
            ("10.0.0.1:11211:0", "0"),
            ("10.0.0.1:11211:-1", "-1"),
            ("10.0.0.1:11211:2147483648", "2147483648"),
            ("10.0.0.1:70000:1", "70000"),
            ("10.0.0.1:0:1", "0"),
            (":11211:1", ":11211"),
            ("10.0.0.1:11211:1 a b", "b"),
            ("/run/a.sock", "/run/a.sock"),
        ]),
        "pymemcache" | "redis-cluster" => {}
        "haproxy" => {
            all.extend(unknown.into_iter().chain(weights));
            all.extend([
                ("a weight=257", "weight=257"),
                ("a id=x", "x"),
                ("a id=0", "0"),
                ("a id=2147483648", "2147483648"),
            ]);
        }
        "envoy-ring-hash" | "envoy-maglev" | "grpc-ring-hash" => {
            all.extend(unknown.into_iter().chain(weights).chain(no_weight));
            all.extend([("a locality-weight=x", "x"), ("a locality-weight=-1", "-1")]);
        }
        "serialx" => all.extend(unknown.into_iter().chain(weights).chain(no_weight)),
        "groupcache" | "stathat" => {
            all.extend(unknown.into_iter().chain(weights).chain(no_weight));
            all.push(("a weight=2", "weight=2"));
        }
        "cassandra-simple" | "cassandra-network" => {
            all.extend(unknown.into_iter().chain(weights));
            all.extend([
                ("a", ""),
                ("a tokens=", ""),
                ("a tokens=x", "x"),
                ("a tokens=1,", ""),
                ("a tokens=9223372036854775808", "9223372036854775808"),
                ("a tokens=1,1", "1"),
            ]);
        }
        other => panic!("{other}: no wrong lines"),
    }
    if preset == "redis-cluster" {
        all.extend([
            ("a x", "x"),
            ("a 0-16384", "0-16384"),
            ("a 200-100", "200-100"),
            ("a -1", "-1"),
            ("a 50-16383", "50-16383"),
        ]);
    }
    all
}
