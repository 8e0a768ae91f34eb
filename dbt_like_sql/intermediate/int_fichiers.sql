-- The files that were read, by the name that rows have for them: a zip's is that of its member.
-- One row per livraison and file; `sha256` of what was received, null where several zips leave it unsure which one it was.
select
    l.livraison,
    read.fichier,
    case
        when list_contains(l.fichiers, read.fichier) then l.sha256[list_position(l.fichiers, read.fichier)]
        when len(l.fichiers) = 1 then l.sha256[1]
        when len(l.fichiers) = len(l.fichiers_lus) then l.sha256[read.rang]
    end as sha256
from stg_livraisons as l
cross join lateral (
    select unnest(l.fichiers_lus) as fichier, generate_subscripts(l.fichiers_lus, 1) as rang
) as read
order by l.livraison, read.rang
