"""ATSs over real HTTP, with the errors, limits and pages that their vendors document."""
