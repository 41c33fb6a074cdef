// Reads nodes and a table, plans with blance, prints the time in nanoseconds and the new table.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/couchbase/blance"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	var all, removed, added []string
	weights := map[string]int{}
	parents := map[string]string{}
	for lines.Scan() && lines.Text() != "" {
		// Id, zone, weight, and a plus if the node is new.
		fields := strings.Fields(lines.Text())
		id, zone := fields[0], "zone "+fields[1]
		weight, err := strconv.Atoi(fields[2])
		if err != nil {
			panic(err)
		}
		all = append(all, id)
		parents[id], parents[zone] = zone, "cluster"
		if weight == 0 {
			removed = append(removed, id)
		} else if weight > 1 {
			weights[id] = weight
		}
		if len(fields) > 3 {
			added = append(added, id)
		}
	}
	old, next := blance.PartitionMap{}, blance.PartitionMap{}
	count := 0
	for lines.Scan() {
		holders := strings.Fields(lines.Text())
		name := strconv.Itoa(count)
		count++
		for _, table := range []blance.PartitionMap{old, next} {
			table[name] = &blance.Partition{Name: name, NodesByState: map[string][]string{
				"primary": append([]string(nil), holders[:1]...),
				"replica": append([]string(nil), holders[1:]...),
			}}
		}
	}
	model := blance.PartitionModel{
		"primary": {Priority: 0, Constraints: 1},
		"replica": {Priority: 1, Constraints: 2},
	}
	// Up to the cluster, without the zones that have a holder.
	other := []*blance.HierarchyRule{{IncludeLevel: 2, ExcludeLevel: 1}}
	options := blance.PlanNextMapOptions{
		NodeWeights:    weights,
		NodeHierarchy:  parents,
		HierarchyRules: blance.HierarchyRules{"replica": other},
	}
	start := time.Now()
	plan, _ := blance.PlanNextMapEx(old, next, all, removed, added, model, options)
	fmt.Println(time.Since(start).Nanoseconds())
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for i := 0; i < count; i++ {
		states := plan[strconv.Itoa(i)].NodesByState
		holders := append(append([]string(nil), states["primary"]...), states["replica"]...)
		fmt.Fprintln(out, strings.Join(holders, " "))
	}
}
