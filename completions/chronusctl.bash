# Completion of chronusctl for bash. Made by chronus_docs from its tables; do not edit.
#   source completions/chronusctl.bash

_chronusctl_options='--json --host --port --udp --tcp --timeout --help --version'
_chronusctl_first='status levels set get gate panic send schema describe list doctor version seq fmt pattern undo redo preset setlist log diff snapshot history record replay bisect render progress at next cancel watch repl wait-bar test start stop seq-start seq-stop seq-status'
_chronusctl_modules='voice1 voice2 voice3 voice4 voice5 voice6 voice7 voice8 acid1 dist1 reverb1 delay1 lfo1 lfo2 lfo3 lfo4 env1 env2 env3 env4 duck1 duck2 duck3 duck4 master seq'
_chronusctl_addresses='/at /auth /base /client/name /client/replies /engine/health /engine/list /engine/record/start /engine/record/status /engine/record/stop /engine/schema /engine/start /engine/status /engine/stop /history/bisect /history/export /history/find /history/list /history/pin /history/replay /history/show /history/stats /job/cancel /levels /next /next/cancel /notify /panic /pattern/backups /pattern/chain /pattern/chain/stop /pattern/copy /pattern/delete /pattern/info /pattern/list /pattern/load /pattern/reload /pattern/restore /pattern/save /preset/delete /preset/list /preset/save /progress/active /progress/export /progress/history /progress/list /progress/show /redo /render/execution /render/pattern /render/report /render/setlist /render/slot /render/snapshot /renew /req /schema /seq/add /seq/bpm /seq/clear /seq/fill /seq/list /seq/mute /seq/quant /seq/remove /seq/set /seq/solo /seq/start /seq/status /seq/stop /seq/swing /seq/update/notes /seq/update/pattern /setlist/add /setlist/after /setlist/auto /setlist/backups /setlist/delete /setlist/export /setlist/import /setlist/list /setlist/move /setlist/new /setlist/notes /setlist/open /setlist/override /setlist/part /setlist/part/remove /setlist/position /setlist/preflight /setlist/process /setlist/remove /setlist/rename /setlist/restore /setlist/show /setlist/switch /setlist/template /snapshot/annotate /snapshot/blame /snapshot/branch /snapshot/compare /snapshot/gc /snapshot/graph /snapshot/list /snapshot/log /snapshot/restore /snapshot/show /snapshot/tag /snapshot/take /status /subscribe /sync /time /undo /unsubscribe /version /wait /mod/voice1/ /mod/voice2/ /mod/voice3/ /mod/voice4/ /mod/voice5/ /mod/voice6/ /mod/voice7/ /mod/voice8/ /mod/acid1/ /mod/dist1/ /mod/reverb1/ /mod/delay1/ /mod/lfo1/ /mod/lfo2/ /mod/lfo3/ /mod/lfo4/ /mod/env1/ /mod/env2/ /mod/env3/ /mod/env4/ /mod/duck1/ /mod/duck2/ /mod/duck3/ /mod/duck4/ /mod/master/ /mod/seq/'
_chronusctl_keys='voice pattern len div prob seed notes note_index base_freq base_amp filter_freq accent_boost reverb_send delay_send pan gate_frac mute solo'
_chronusctl_settings='voice= pattern= len= div= prob= seed= notes= note_index= base_freq= base_amp= filter_freq= accent_boost= reverb_send= delay_send= pan= gate_frac= mute= solo='

_chronusctl_second() {
    case $1 in
    history) echo 'list show find stats pin export' ;;
    pattern) echo 'save load list info copy delete backups restore reload chain unchain' ;;
    preset) echo 'list save delete' ;;
    progress) echo 'active list show history export cancel' ;;
    record) echo 'start stop status' ;;
    seq) echo 'add remove clear start stop bpm swing status list update-pattern update-notes set mute solo fill quant' ;;
    setlist) echo 'new list show template add part unpart override after notes move rename remove delete backups restore export import open switch auto position process preflight' ;;
    snapshot) echo 'take list show restore branch tag annotate blame gc' ;;
    esac
}

_chronusctl_params() {
    case $1 in
    voice[0-9]*) echo 'freq amp pan mute solo osc/type osc/width osc/noise pitch/amount pitch/decay drive filter/type filter/freq filter/q adsr/attack adsr/decay adsr/sustain adsr/release send/reverb send/delay slide_time osc/detune osc/sides osc/sync osc/sub filter/track filter/env filter/attack filter/decay filter/sustain adsr/strikes preset' ;;
    acid[0-9]*) echo 'cutoff res env_amount decay drive mix vol_comp accent cutoff_offset res_accent_boost accent_decay wave source whistle quality' ;;
    dist[0-9]*) echo 'drive mix tone' ;;
    reverb[0-9]*) echo 'mix room damp low predelay size motion freeze' ;;
    delay[0-9]*) echo 'time feedback mix lowcut highcut sync mode pingpong saturation' ;;
    lfo[0-9]*) echo 'rate depth shape sync target' ;;
    env[0-9]*) echo 'source target amount attack decay' ;;
    duck[0-9]*) echo 'source target voice depth attack hold release' ;;
    master) echo 'level ceiling' ;;
    seq) echo 'bpm swing' ;;
    esac
}

_chronusctl_values() {
    case $1 in
    voice[0-9]*/mute) echo 'off on' ;;
    voice[0-9]*/solo) echo 'off on' ;;
    voice[0-9]*/osc/type) echo 'sine saw square white pink brown triangle supersaw sync' ;;
    voice[0-9]*/filter/type) echo 'low band high notch' ;;
    acid[0-9]*/wave) echo 'voice saw square' ;;
    acid[0-9]*/quality) echo '2x 4x' ;;
    reverb[0-9]*/freeze) echo 'off on' ;;
    delay[0-9]*/sync) echo 'free 1/32 1/16t 1/16 1/8t 1/16d 1/8 1/4t 1/8d 1/4 1/4d 1/2 1/1' ;;
    delay[0-9]*/mode) echo 'digital tape' ;;
    lfo[0-9]*/shape) echo 'sine triangle saw square random' ;;
    lfo[0-9]*/sync) echo 'free 4bars 2bars bar half beat eighth step' ;;
    duck[0-9]*/target) echo 'others dry reverb delay master voice' ;;
    voice[0-9]*/preset) echo 'kick snare clap closed_hat open_hat tom bass pluck pad lead' ;;
    esac
}

_chronusctl_tracks() {
    chronusctl --timeout 0.3 seq list 2>/dev/null | sed -n 's/^ *name=\([^ ]*\) .*/\1/p'
}

# What may stand at the end of the words given; options and their values are not among them.
_chronusctl_words() {
    case $#:$1:$2 in
    1:*) echo "$_chronusctl_first" ;;
    2:set:* | 2:get:* | 2:gate:*) echo "$_chronusctl_modules" ;;
    2:send:* | 2:schema:* | 2:describe:*) echo "$_chronusctl_addresses" ;;
    2:*) _chronusctl_second "$1" ;;
    3:set:* | 3:get:*) _chronusctl_params "$2" ;;
    4:set:*) _chronusctl_values "$2/$3" ;;
    3:gate:* | 4:seq:mute | 4:seq:solo) echo 'on off' ;;
    3:seq:add | 3:seq:remove | 3:seq:set | 3:seq:mute | 3:seq:solo | 3:seq:update-*) _chronusctl_tracks ;;
    4:seq:add) echo "$_chronusctl_modules" | tr ' ' '\n' | grep '^voice' ;;
    4:seq:set) echo "$_chronusctl_keys" ;;
    [6-9]:seq:add | 1[0-9]:seq:add) echo "$_chronusctl_settings" ;;
    esac
}

_chronusctl() {
    local cur=${COMP_WORDS[COMP_CWORD]} offered words=() i
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        --host | --port | --timeout | --types | --format) ((i += 1)) ;;
        -*) ;;
        *) words+=("${COMP_WORDS[i]}") ;;
        esac
    done
    case $cur in
    -*) offered=$_chronusctl_options ;;
    *) offered=$(_chronusctl_words "${words[@]}" "$cur") ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$offered" -- "$cur")
    case ${COMPREPLY[*]} in
    *' '*) ;;
    *[=/]) compopt -o nospace 2>/dev/null ;; # there is more to come
    esac
}

complete -F _chronusctl chronusctl
