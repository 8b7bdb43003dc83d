package main

import (
	"iter"
	"maps"
	"slices"
)

// ordered goes through a map by its keys, so that a corpus is always in the same order.
func ordered[T any](all map[string]T) iter.Seq2[string, T] {
	return func(yield func(string, T) bool) {
		for _, key := range slices.Sorted(maps.Keys(all)) {
			if !yield(key, all[key]) {
				return
			}
		}
	}
}
