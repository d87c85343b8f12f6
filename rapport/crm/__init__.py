"""Pure rules about people: applications, scores, matching, merging, retention."""
