module planners

go 1.13

require github.com/couchbase/blance v0.1.6
