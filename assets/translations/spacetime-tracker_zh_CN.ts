<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
    <context>
        <name>ActionTable</name>
        <message>
            <source>&amp;File</source>
            <translation>文件(&amp;F)</translation>
        </message>
        <message>
            <source>&amp;Edit</source>
            <translation>编辑(&amp;E)</translation>
        </message>
        <message>
            <source>&amp;Target</source>
            <translation>目标(&amp;T)</translation>
        </message>
        <message>
            <source>&amp;Playback</source>
            <translation>播放(&amp;P)</translation>
        </message>
        <message>
            <source>&amp;View</source>
            <translation>视图(&amp;V)</translation>
        </message>
        <message>
            <source>&amp;Help</source>
            <translation>帮助(&amp;H)</translation>
        </message>
        <message>
            <source>Open &amp;video…</source>
            <translation>打开视频(&amp;V)…</translation>
        </message>
        <message>
            <source>Follow targets through a video file; every frame is looked at</source>
            <translation>在视频文件中跟踪目标；每一帧都会处理</translation>
        </message>
        <message>
            <source>Open &amp;folder of images…</source>
            <translation>打开图片文件夹(&amp;F)…</translation>
        </message>
        <message>
            <source>Follow targets through numbered images in a folder</source>
            <translation>在文件夹内编号的图片中跟踪目标</translation>
        </message>
        <message>
            <source>Open &amp;camera…</source>
            <translation>打开摄像头(&amp;C)…</translation>
        </message>
        <message>
            <source>Choose a camera of this computer, its resolution and its rate</source>
            <translation>选择本机的摄像头及其分辨率和帧率</translation>
        </message>
        <message>
            <source>Open s&amp;tream…</source>
            <translation>打开网络流(&amp;T)…</translation>
        </message>
        <message>
            <source>Give the address of a network camera or of a video on a server</source>
            <translation>输入网络摄像头或服务器上视频的地址</translation>
        </message>
        <message>
            <source>Screen re&amp;gion…</source>
            <translation>屏幕区域(&amp;G)…</translation>
        </message>
        <message>
            <source>Follow something on a screen, or on a part of it that you draw</source>
            <translation>在屏幕上或你画出的区域内跟踪目标</translation>
        </message>
        <message>
            <source>Try the &amp;demo</source>
            <translation>试试演示(&amp;D)</translation>
        </message>
        <message>
            <source>Play a clip that comes with the program; its target is already chosen</source>
            <translation>播放程序自带的短片；目标已经选好</translation>
        </message>
        <message>
            <source>Open &amp;project…</source>
            <translation>打开项目(&amp;P)…</translation>
        </message>
        <message>
            <source>Go on with what was saved: targets, tracks and corrections</source>
            <translation>继续处理已保存的目标、跟踪结果和修正</translation>
        </message>
        <message>
            <source>&amp;Save project</source>
            <translation>保存项目(&amp;S)</translation>
        </message>
        <message>
            <source>Keep targets, tracks and corrections in a project file</source>
            <translation>把目标、跟踪结果和修正保存到项目文件</translation>
        </message>
        <message>
            <source>Save project &amp;as…</source>
            <translation>项目另存为(&amp;A)…</translation>
        </message>
        <message>
            <source>Keep the project under another name</source>
            <translation>用另一个名称保存项目</translation>
        </message>
        <message>
            <source>&amp;Record</source>
            <translation>录制(&amp;R)</translation>
        </message>
        <message>
            <source>Record what is played from here on, or finish the recording</source>
            <translation>从这里开始录制播放的内容，或结束录制</translation>
        </message>
        <message>
            <source>&amp;Export…</source>
            <translation>导出(&amp;E)…</translation>
        </message>
        <message>
            <source>Write tables of boxes, or videos with boxes or with things hidden</source>
            <translation>写出目标框表格、带框的视频，或遮挡了部分内容的视频</translation>
        </message>
        <message>
            <source>C&amp;lose</source>
            <translation>关闭(&amp;L)</translation>
        </message>
        <message>
            <source>Let go of what is open, and go back to the start page</source>
            <translation>关闭当前内容，返回起始页</translation>
        </message>
        <message>
            <source>&amp;Quit</source>
            <translation>退出(&amp;Q)</translation>
        </message>
        <message>
            <source>End the program</source>
            <translation>退出程序</translation>
        </message>
        <message>
            <source>&amp;Undo</source>
            <translation>撤销(&amp;U)</translation>
        </message>
        <message>
            <source>Take the last change back</source>
            <translation>撤销上一步更改</translation>
        </message>
        <message>
            <source>&amp;Redo</source>
            <translation>重做(&amp;R)</translation>
        </message>
        <message>
            <source>Do again what was undone</source>
            <translation>重做已撤销的更改</translation>
        </message>
        <message>
            <source>&amp;Measure a length…</source>
            <translation>测量长度(&amp;M)…</translation>
        </message>
        <message>
            <source>Say how long something in the picture is, to have speeds in real units</source>
            <translation>指明画面中某段的实际长度，以便用实际单位显示速度</translation>
        </message>
        <message>
            <source>Forget the &amp;length</source>
            <translation>清除长度(&amp;L)</translation>
        </message>
        <message>
            <source>Measure in pixels again</source>
            <translation>恢复以像素为单位</translation>
        </message>
        <message>
            <source>&amp;Settings…</source>
            <translation>设置(&amp;S)…</translation>
        </message>
        <message>
            <source>Device, model, memory, what is drawn, recording, language, colours</source>
            <translation>设备、模型、记忆、画面显示、录像、语言和颜色</translation>
        </message>
        <message>
            <source>&amp;New target</source>
            <translation>新建目标(&amp;N)</translation>
        </message>
        <message>
            <source>Put a box on the picture that the arrow keys move; or drag one with the mouse</source>
            <translation>在画面上放一个可用方向键移动的框；也可以用鼠标拖出一个框</translation>
        </message>
        <message>
            <source>Rena&amp;me…</source>
            <translation>重命名(&amp;M)…</translation>
        </message>
        <message>
            <source>Give the selected target a name</source>
            <translation>给所选目标命名</translation>
        </message>
        <message>
            <source>&amp;Shown</source>
            <translation>显示(&amp;S)</translation>
        </message>
        <message>
            <source>Show the selected target in the picture, or hide it</source>
            <translation>在画面中显示或隐藏所选目标</translation>
        </message>
        <message>
            <source>&amp;Correct here</source>
            <translation>在此修正(&amp;C)</translation>
        </message>
        <message>
            <source>The box of the selected target is right on this frame: follow it anew from here to the next correction. A box that is moved or resized is corrected at once</source>
            <translation>确认所选目标在此帧的框是正确的：从这里重新跟踪到下一处修正。移动框或调整框的大小会立即成为修正</translation>
        </message>
        <message>
            <source>Track &amp;backwards</source>
            <translation>反向跟踪(&amp;B)</translation>
        </message>
        <message>
            <source>Follow the selected target from its correction here back to the one before</source>
            <translation>从此处的修正起反向跟踪所选目标，直到上一处修正</translation>
        </message>
        <message>
            <source>Next c&amp;orrection</source>
            <translation>下一处修正(&amp;O)</translation>
        </message>
        <message>
            <source>Go to the next frame where a box was drawn</source>
            <translation>转到下一个画过框的帧</translation>
        </message>
        <message>
            <source>Previous correc&amp;tion</source>
            <translation>上一处修正(&amp;T)</translation>
        </message>
        <message>
            <source>Go back to a frame where a box was drawn</source>
            <translation>转到上一个画过框的帧</translation>
        </message>
        <message>
            <source>Next &amp;doubtful place</source>
            <translation>下一处可疑位置(&amp;D)</translation>
        </message>
        <message>
            <source>Go to where a target next becomes uncertain or lost</source>
            <translation>转到目标下一次变为不确定或丢失的位置</translation>
        </message>
        <message>
            <source>Previous doubtful &amp;place</source>
            <translation>上一处可疑位置(&amp;P)</translation>
        </message>
        <message>
            <source>Go back to where a target became uncertain or lost</source>
            <translation>转到目标上一次变为不确定或丢失的位置</translation>
        </message>
        <message>
            <source>&amp;Remove</source>
            <translation>移除(&amp;R)</translation>
        </message>
        <message>
            <source>Take the selected target out</source>
            <translation>移除所选目标</translation>
        </message>
        <message>
            <source>Remove &amp;all targets</source>
            <translation>移除所有目标(&amp;A)</translation>
        </message>
        <message>
            <source>Take every target out; this can be undone</source>
            <translation>移除所有目标；可以撤销</translation>
        </message>
        <message>
            <source>&amp;Play</source>
            <translation>播放(&amp;P)</translation>
        </message>
        <message>
            <source>Play, or pause</source>
            <translation>播放或暂停</translation>
        </message>
        <message>
            <source>&amp;Pause</source>
            <translation>暂停(&amp;P)</translation>
        </message>
        <message>
            <source>Step &amp;forwards</source>
            <translation>前进一帧(&amp;F)</translation>
        </message>
        <message>
            <source>One frame forwards</source>
            <translation>前进一帧</translation>
        </message>
        <message>
            <source>Step &amp;back</source>
            <translation>后退一帧(&amp;B)</translation>
        </message>
        <message>
            <source>One frame back</source>
            <translation>后退一帧</translation>
        </message>
        <message>
            <source>&amp;Ten frames forwards</source>
            <translation>前进十帧(&amp;T)</translation>
        </message>
        <message>
            <source>Ten frames forwards</source>
            <translation>前进十帧</translation>
        </message>
        <message>
            <source>Te&amp;n frames back</source>
            <translation>后退十帧(&amp;N)</translation>
        </message>
        <message>
            <source>Ten frames back</source>
            <translation>后退十帧</translation>
        </message>
        <message>
            <source>To t&amp;he beginning</source>
            <translation>转到开头(&amp;H)</translation>
        </message>
        <message>
            <source>To the in point, then to the first frame</source>
            <translation>先转到入点，再转到第一帧</translation>
        </message>
        <message>
            <source>To the &amp;end</source>
            <translation>转到结尾(&amp;E)</translation>
        </message>
        <message>
            <source>To the out point, then to the last frame</source>
            <translation>先转到出点，再转到最后一帧</translation>
        </message>
        <message>
            <source>&amp;Go live</source>
            <translation>回到实时(&amp;G)</translation>
        </message>
        <message>
            <source>To the newest frame of a live source</source>
            <translation>转到实时来源的最新一帧</translation>
        </message>
        <message>
            <source>&amp;Slower</source>
            <translation>减速(&amp;S)</translation>
        </message>
        <message>
            <source>Play at the next lower speed</source>
            <translation>降低一档播放速度</translation>
        </message>
        <message>
            <source>F&amp;aster</source>
            <translation>加速(&amp;A)</translation>
        </message>
        <message>
            <source>Play at the next higher speed</source>
            <translation>提高一档播放速度</translation>
        </message>
        <message>
            <source>N&amp;ormal speed</source>
            <translation>正常速度(&amp;O)</translation>
        </message>
        <message>
            <source>Play as fast as it was filmed</source>
            <translation>按拍摄时的速度播放</translation>
        </message>
        <message>
            <source>&amp;Loop</source>
            <translation>循环(&amp;L)</translation>
        </message>
        <message>
            <source>Begin anew at the end, or at the out point</source>
            <translation>到结尾或出点后从头播放</translation>
        </message>
        <message>
            <source>Set &amp;in point</source>
            <translation>设置入点(&amp;I)</translation>
        </message>
        <message>
            <source>This frame is the first of the range that is played and exported</source>
            <translation>将此帧设为播放和导出范围的第一帧</translation>
        </message>
        <message>
            <source>Set o&amp;ut point</source>
            <translation>设置出点(&amp;U)</translation>
        </message>
        <message>
            <source>This frame is the last of the range that is played and exported</source>
            <translation>将此帧设为播放和导出范围的最后一帧</translation>
        </message>
        <message>
            <source>&amp;Clear in and out points</source>
            <translation>清除入点和出点(&amp;C)</translation>
        </message>
        <message>
            <source>All frames are played and exported</source>
            <translation>播放和导出所有帧</translation>
        </message>
        <message>
            <source>Zoom &amp;in</source>
            <translation>放大(&amp;I)</translation>
        </message>
        <message>
            <source>See the picture closer</source>
            <translation>放大画面</translation>
        </message>
        <message>
            <source>Zoom &amp;out</source>
            <translation>缩小(&amp;O)</translation>
        </message>
        <message>
            <source>See more of the picture</source>
            <translation>缩小画面</translation>
        </message>
        <message>
            <source>&amp;Fit to the window</source>
            <translation>适应窗口(&amp;F)</translation>
        </message>
        <message>
            <source>Show the whole picture</source>
            <translation>显示整个画面</translation>
        </message>
        <message>
            <source>&amp;Actual size</source>
            <translation>实际大小(&amp;A)</translation>
        </message>
        <message>
            <source>One pixel of the frame on one pixel of the screen</source>
            <translation>帧的一个像素对应屏幕的一个像素</translation>
        </message>
        <message>
            <source>&amp;Scores</source>
            <translation>得分(&amp;S)</translation>
        </message>
        <message>
            <source>Write the score of each target beside its box</source>
            <translation>在每个目标的框旁写出得分</translation>
        </message>
        <message>
            <source>&amp;Trails</source>
            <translation>轨迹(&amp;T)</translation>
        </message>
        <message>
            <source>Draw the way that each target came</source>
            <translation>画出每个目标走过的路径</translation>
        </message>
        <message>
            <source>Search &amp;region</source>
            <translation>搜索区域(&amp;R)</translation>
        </message>
        <message>
            <source>Draw the region in which each target was looked for, on the frame tracked last</source>
            <translation>在最近跟踪的一帧上画出查找每个目标的区域</translation>
        </message>
        <message>
            <source>R&amp;esponse map</source>
            <translation>响应图(&amp;E)</translation>
        </message>
        <message>
            <source>Lay over the frame tracked last where the network sees the target; costs time</source>
            <translation>在最近跟踪的一帧上叠加显示网络认为目标所在的位置；会增加耗时</translation>
        </message>
        <message>
            <source>R&amp;uler</source>
            <translation>标尺(&amp;U)</translation>
        </message>
        <message>
            <source>Draw the line whose length is known</source>
            <translation>画出已知长度的线段</translation>
        </message>
        <message>
            <source>Reset the &amp;layout</source>
            <translation>重置布局(&amp;L)</translation>
        </message>
        <message>
            <source>Put every panel back to where it was at the first start</source>
            <translation>把所有面板恢复到首次启动时的位置</translation>
        </message>
        <message>
            <source>Full scree&amp;n</source>
            <translation>全屏(&amp;N)</translation>
        </message>
        <message>
            <source>Use the whole screen, or go back to a window</source>
            <translation>使用整个屏幕，或恢复为窗口</translation>
        </message>
        <message>
            <source>&amp;Keyboard shortcuts</source>
            <translation>键盘快捷键(&amp;K)</translation>
        </message>
        <message>
            <source>All actions and their keys</source>
            <translation>所有操作及其按键</translation>
        </message>
        <message>
            <source>&amp;Check this computer</source>
            <translation>检查本机(&amp;C)</translation>
        </message>
        <message>
            <source>Try what the program needs of this computer, and say what mends it</source>
            <translation>逐项试用程序所需的功能，并说明如何修复</translation>
        </message>
        <message>
            <source>&amp;About SpaceTime Tracker</source>
            <translation>关于 SpaceTime Tracker(&amp;A)</translation>
        </message>
        <message>
            <source>What this program is, and its license</source>
            <translation>程序简介和许可证</translation>
        </message>
    </context>
    <context>
        <name>Asking</name>
        <message>
            <source>Rename</source>
            <translation>重命名</translation>
        </message>
        <message>
            <source>Name of target {number}:</source>
            <translation>目标 {number} 的名称：</translation>
        </message>
    </context>
    <context>
        <name>AttentionView</name>
        <message>
            <source>Attention</source>
            <translation>注意力</translation>
        </message>
        <message>
            <source>Where a token looks</source>
            <translation>token 看向哪里</translation>
        </message>
        <message>
            <source>Move the mouse over the searched frame to see where each token looks; a click keeps the token, Esc gives it back. Arrow keys go from token to token.</source>
            <translation>在搜索帧上移动鼠标，查看每个 token 看向哪里；点击可锁定 token，按 Esc 解除。方向键在 token 之间移动。</translation>
        </message>
        <message>
            <source>Time</source>
            <translation>时间</translation>
        </message>
        <message>
            <source>Attention in time: what a token takes from each remembered frame</source>
            <translation>时间注意力：token 从每个记住的帧中获取什么</translation>
        </message>
        <message>
            <source>Space</source>
            <translation>空间</translation>
        </message>
        <message>
            <source>Attention in space: what a token takes from the rest of the searched frame</source>
            <translation>空间注意力：token 从搜索帧的其他部分获取什么</translation>
        </message>
        <message>
            <source>One block of the network, or the mean of all</source>
            <translation>网络的某一层，或所有层的平均</translation>
        </message>
        <message>
            <source>Layer</source>
            <translation>层</translation>
        </message>
        <message>
            <source>One attention head, or the mean of all</source>
            <translation>某个注意力头，或所有头的平均</translation>
        </message>
        <message>
            <source>Head</source>
            <translation>头</translation>
        </message>
        <message>
            <source>The brightest place gets this share of the token's attention</source>
            <translation>最亮处所占的 token 注意力份额</translation>
        </message>
        <message>
            <source>All layers</source>
            <translation>所有层</translation>
        </message>
        <message>
            <source>Layer {number}</source>
            <translation>第 {number} 层</translation>
        </message>
        <message>
            <source>All heads</source>
            <translation>所有头</translation>
        </message>
        <message>
            <source>Head {number}</source>
            <translation>第 {number} 头</translation>
        </message>
        <message>
            <source>Here the attention of the selected target is shown, as soon as it is searched for in the next frame.</source>
            <translation>在下一帧中搜索所选目标后，这里会显示它的注意力。</translation>
        </message>
        <message>
            <source>Searched frame</source>
            <translation>搜索帧</translation>
        </message>
        <message>
            <source>Where the token looks</source>
            <translation>token 看向哪里</translation>
        </message>
        <message>
            <source>Now: itself</source>
            <translation>当前：自身</translation>
        </message>
        <message>
            <source>slot {slot}</source>
            <translation>记忆位 {slot}</translation>
        </message>
        <message>
            <source>{share} % to frame {time}</source>
            <translation>{time} 的帧占 {share} %</translation>
        </message>
        <message>
            <source>{share} % to other frames</source>
            <translation>其他帧占 {share} %</translation>
        </message>
        <message>
            <source>{share} % to itself</source>
            <translation>自身占 {share} %</translation>
        </message>
        <message>
            <source>Token row {row}, column {column} gives its attention in time: {parts}.</source>
            <translation>第 {row} 行第 {column} 列的 token 的时间注意力：{parts}。</translation>
        </message>
        <message>
            <source>, </source>
            <translation>，</translation>
        </message>
        <message>
            <source>Token row {row}, column {column} gives {target} % of its attention in space to the target, and most of all, {peak} %, to row {best_row}, column {best_column}.</source>
            <translation>第 {row} 行第 {column} 列的 token 把 {target} % 的空间注意力给了目标；得到最多的是第 {best_row} 行第 {best_column} 列，占 {peak} %。</translation>
        </message>
    </context>
    <context>
        <name>Body</name>
        <message>
            <source>frame {number}</source>
            <translation>第 {number} 帧</translation>
        </message>
        <message>
            <source>{state}, {score}</source>
            <translation>{state}，{score}</translation>
        </message>
        <message>
            <source>Here the target was drawn</source>
            <translation>目标在此画出</translation>
        </message>
        <message>
            <source>Here you corrected it; click to go there</source>
            <translation>在此修正过；点击转到这里</translation>
        </message>
    </context>
    <context>
        <name>CameraDialog</name>
        <message>
            <source>Open camera</source>
            <translation>打开摄像头</translation>
        </message>
        <message>
            <source>&amp;Camera:</source>
            <translation>摄像头(&amp;C)：</translation>
        </message>
        <message>
            <source>&amp;Resolution:</source>
            <translation>分辨率(&amp;R)：</translation>
        </message>
        <message>
            <source>Frame r&amp;ate:</source>
            <translation>帧率(&amp;A)：</translation>
        </message>
        <message>
            <source>The camera's own</source>
            <translation>摄像头默认</translation>
        </message>
        <message>
            <source>{rate} frames per second</source>
            <translation>每秒 {rate} 帧</translation>
        </message>
        <message>
            <source>&amp;Mirror left and right</source>
            <translation>左右镜像(&amp;M)</translation>
        </message>
        <message>
            <source>Re&amp;fresh</source>
            <translation>刷新(&amp;F)</translation>
        </message>
        <message>
            <source>The cameras of this computer</source>
            <translation>本机的摄像头</translation>
        </message>
        <message>
            <source>What to ask of the camera; one that lacks it gives its nearest</source>
            <translation>向摄像头请求的分辨率；不支持时取最接近的</translation>
        </message>
        <message>
            <source>What to ask of the camera; in dim light many give fewer frames</source>
            <translation>向摄像头请求的帧率；光线暗时许多摄像头会降低帧率</translation>
        </message>
        <message>
            <source>Show the picture as a looking-glass would</source>
            <translation>像照镜子一样显示画面</translation>
        </message>
        <message>
            <source>Look for cameras again, after one was plugged in</source>
            <translation>插入摄像头后重新查找</translation>
        </message>
        <message>
            <source>Camera</source>
            <translation>摄像头</translation>
        </message>
        <message>
            <source>Resolution</source>
            <translation>分辨率</translation>
        </message>
        <message>
            <source>Frame rate</source>
            <translation>帧率</translation>
        </message>
        <message>
            <source>Show this camera's picture</source>
            <translation>显示此摄像头的画面</translation>
        </message>
        <message>
            <source>Camera {number}</source>
            <translation>摄像头 {number}</translation>
        </message>
        <message>
            <source>Looking for cameras…</source>
            <translation>正在查找摄像头…</translation>
        </message>
        <message>
            <source>No camera was found; plug one in, allow this program to use it, and choose Refresh.</source>
            <translation>没有找到摄像头；请插入摄像头，允许本程序使用它，然后点“刷新”。</translation>
        </message>
    </context>
    <context>
        <name>Corner</name>
        <message>
            <source>Zoom out</source>
            <translation>缩小</translation>
        </message>
        <message>
            <source>Show the whole time</source>
            <translation>显示全部时间</translation>
        </message>
        <message>
            <source>Zoom in</source>
            <translation>放大</translation>
        </message>
        <message>
            <source>{what} ({keys})</source>
            <translation>{what} ({keys})</translation>
        </message>
    </context>
    <context>
        <name>Display</name>
        <message>
            <source>uncertain</source>
            <translation>不确定</translation>
        </message>
        <message>
            <source>lost</source>
            <translation>丢失</translation>
        </message>
        <message>
            <source>found again</source>
            <translation>已找回</translation>
        </message>
        <message>
            <source>Drag a box around what you want to follow</source>
            <translation>拖出一个框，圈住要跟踪的东西</translation>
        </message>
        <message>
            <source>{name} has no box in this frame; Ctrl and a drag draw one</source>
            <translation>{name} 在此帧中没有框；按住 Ctrl 拖动可画一个</translation>
        </message>
        <message>
            <source>Video picture</source>
            <translation>视频画面</translation>
        </message>
        <message>
            <source>No picture</source>
            <translation>没有画面</translation>
        </message>
        <message>
            <source>{count} targets; Tab selects one</source>
            <translation>{count} 个目标；按 Tab 选择</translation>
        </message>
        <message>
            <source>{count} targets; {name} is selected</source>
            <translation>{count} 个目标；已选中 {name}</translation>
        </message>
    </context>
    <context>
        <name>DoctorDialog</name>
        <message>
            <source>Check this computer</source>
            <translation>检查本机</translation>
        </message>
        <message>
            <source>Copy</source>
            <translation>复制</translation>
        </message>
        <message>
            <source>Copy the findings to the clipboard</source>
            <translation>把检查结果复制到剪贴板</translation>
        </message>
        <message>
            <source>Findings</source>
            <translation>检查结果</translation>
        </message>
        <message>
            <source>Trying everything, which takes a few seconds…</source>
            <translation>正在逐项检查，需要几秒钟…</translation>
        </message>
        <message>
            <source>Missing: {count}. What mends it is named below.</source>
            <translation>缺少 {count} 项；修复方法见下。</translation>
        </message>
        <message>
            <source>All that is needed is there.</source>
            <translation>所需的一切均已就绪。</translation>
        </message>
    </context>
    <context>
        <name>Drawing</name>
        <message>
            <source>The program ended while the graphics card began to draw the picture, so the CPU draws it; another choice in the settings, under Picture, has the card tried again.</source>
            <translation>上次由显卡开始绘制画面时程序意外退出，因此现在由 CPU 绘制；在设置的“画面”页中另选一项，即可再次尝试显卡。</translation>
        </message>
        <message>
            <source>No graphics card draws here through OpenGL 2.0 or later; the CPU draws the picture.</source>
            <translation>这里没有能通过 OpenGL 2.0 或更高版本绘制的显卡；画面由 CPU 绘制。</translation>
        </message>
        <message>
            <source>The graphics card failed to draw the picture; the CPU draws it.</source>
            <translation>显卡未能绘制画面；现由 CPU 绘制。</translation>
        </message>
    </context>
    <context>
        <name>Editor</name>
        <message>
            <source>Arrow keys move the box, with Ctrl they resize it, with Shift faster; Enter follows what is inside, Esc cancels</source>
            <translation>方向键移动框，按住 Ctrl 调整大小，按住 Shift 加快；Enter 开始跟踪框内的东西，Esc 取消</translation>
        </message>
        <message>
            <source>This is followed as soon as the model is loaded</source>
            <translation>模型加载完成后立即开始跟踪</translation>
        </message>
    </context>
    <context>
        <name>ErrorDialog</name>
        <message>
            <source>Something went wrong</source>
            <translation>出错了</translation>
        </message>
        <message>
            <source>Details</source>
            <translation>详细信息</translation>
        </message>
        <message>
            <source>Show what a developer needs to know</source>
            <translation>显示开发者需要的信息</translation>
        </message>
        <message>
            <source>Copy</source>
            <translation>复制</translation>
        </message>
        <message>
            <source>Copy the sentence and the details to the clipboard</source>
            <translation>把错误说明和详细信息复制到剪贴板</translation>
        </message>
    </context>
    <context>
        <name>ExportDialog</name>
        <message>
            <source>Export</source>
            <translation>导出</translation>
        </message>
        <message>
            <source>Draw trails</source>
            <translation>绘制轨迹</translation>
        </message>
        <message>
            <source>A line behind each target over its last {count} frames</source>
            <translation>在每个目标身后画出最近 {count} 帧的路径</translation>
        </message>
        <message>
            <source>Squares instead of blur</source>
            <translation>用马赛克代替模糊</translation>
        </message>
        <message>
            <source>Hide by large squares of one colour each</source>
            <translation>用大块纯色方格遮挡</translation>
        </message>
        <message>
            <source>Save as</source>
            <translation>另存为</translation>
        </message>
        <message>
            <source>The file to write</source>
            <translation>要写入的文件</translation>
        </message>
        <message>
            <source>&amp;Browse…</source>
            <translation>浏览(&amp;B)…</translation>
        </message>
        <message>
            <source>Choose folder and name</source>
            <translation>选择文件夹和名称</translation>
        </message>
        <message>
            <source>Progress of the export</source>
            <translation>导出进度</translation>
        </message>
        <message>
            <source>&amp;Export</source>
            <translation>导出(&amp;E)</translation>
        </message>
        <message>
            <source>Write the file</source>
            <translation>写入文件</translation>
        </message>
        <message>
            <source>Show in &amp;folder</source>
            <translation>在文件夹中显示(&amp;F)</translation>
        </message>
        <message>
            <source>Open the folder the file is in</source>
            <translation>打开文件所在的文件夹</translation>
        </message>
        <message>
            <source>Give the file a name.</source>
            <translation>请输入文件名。</translation>
        </message>
        <message>
            <source>⚠ {names} is there already and will be replaced.</source>
            <translation>⚠ {names} 已存在，将被替换。</translation>
        </message>
        <message>
            <source>Writes {names}.</source>
            <translation>将写入 {names}。</translation>
        </message>
        <message>
            <source>The source is read again, so this takes a while; videos have no sound.</source>
            <translation>需要重新读取来源，会花一些时间；视频没有声音。</translation>
        </message>
        <message>
            <source>Exporting…</source>
            <translation>正在导出…</translation>
        </message>
        <message>
            <source>Exporting… {percent} %</source>
            <translation>正在导出… {percent} %</translation>
        </message>
        <message>
            <source>Cancelled; nothing was written.</source>
            <translation>已取消；没有写入任何内容。</translation>
        </message>
        <message>
            <source>✓ Wrote {names}.</source>
            <translation>✓ 已写入 {names}。</translation>
        </message>
        <message>
            <source>Cancelling…</source>
            <translation>正在取消…</translation>
        </message>
        <message>
            <source>&amp;Cancel</source>
            <translation>取消(&amp;C)</translation>
        </message>
        <message>
            <source>&amp;Close</source>
            <translation>关闭(&amp;C)</translation>
        </message>
        <message>
            <source>Stop; nothing is written</source>
            <translation>停止；不写入任何内容</translation>
        </message>
        <message>
            <source>Close this window</source>
            <translation>关闭此窗口</translation>
        </message>
    </context>
    <context>
        <name>FormatChoice</name>
        <message>
            <source>Table of boxes</source>
            <translation>目标框表格</translation>
        </message>
        <message>
            <source>Video</source>
            <translation>视频</translation>
        </message>
        <message>
            <source>Video (the pictures are gone)</source>
            <translation>视频（画面已不存在）</translation>
        </message>
        <message>
            <source>CSV</source>
            <translation>CSV</translation>
        </message>
        <message>
            <source>Every value, for spreadsheets and scripts</source>
            <translation>全部数值，用于电子表格和脚本</translation>
        </message>
        <message>
            <source>JSON Lines</source>
            <translation>JSON Lines</translation>
        </message>
        <message>
            <source>One JSON object per target and frame</source>
            <translation>每个目标每帧一个 JSON 对象</translation>
        </message>
        <message>
            <source>MOTChallenge</source>
            <translation>MOTChallenge</translation>
        </message>
        <message>
            <source>Text for the tools that rate many-target trackers</source>
            <translation>文本，用于多目标跟踪评测工具</translation>
        </message>
        <message>
            <source>COCO</source>
            <translation>COCO</translation>
        </message>
        <message>
            <source>JSON that labelling and training tools read</source>
            <translation>JSON，用于标注和训练工具</translation>
        </message>
        <message>
            <source>OTB</source>
            <translation>OTB</translation>
        </message>
        <message>
            <source>One box per frame; a file for each target</source>
            <translation>每帧一个框；每个目标一个文件</translation>
        </message>
        <message>
            <source>GOT-10k</source>
            <translation>GOT-10k</translation>
        </message>
        <message>
            <source>As OTB, with absence and cover; a file for each target</source>
            <translation>同 OTB，另含缺席和遮挡；每个目标一个文件</translation>
        </message>
        <message>
            <source>With boxes</source>
            <translation>带框</translation>
        </message>
        <message>
            <source>Boxes, labels and, if you like, trails drawn on it</source>
            <translation>画上框、标签，也可画轨迹</translation>
        </message>
        <message>
            <source>Targets hidden</source>
            <translation>隐去目标</translation>
        </message>
        <message>
            <source>Nobody can tell who or what was in the boxes</source>
            <translation>框内的人或物无法辨认</translation>
        </message>
        <message>
            <source>Surroundings hidden</source>
            <translation>隐去周围</translation>
        </message>
        <message>
            <source>Only what is in the boxes stays sharp</source>
            <translation>只有框内的内容保持清晰</translation>
        </message>
    </context>
    <context>
        <name>Header</name>
        <message>
            <source>x</source>
            <translation>x</translation>
        </message>
        <message>
            <source>Position of the centre from the left edge</source>
            <translation>中心到左边缘的距离</translation>
        </message>
        <message>
            <source>y</source>
            <translation>y</translation>
        </message>
        <message>
            <source>Position of the centre from the upper edge</source>
            <translation>中心到上边缘的距离</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>大小</translation>
        </message>
        <message>
            <source>Square root of the area of the box</source>
            <translation>框面积的平方根</translation>
        </message>
        <message>
            <source>Speed</source>
            <translation>速度</translation>
        </message>
        <message>
            <source>Of the centre; jumps of a single frame and jitter are smoothed away</source>
            <translation>中心的速度；已平滑单帧跳动和抖动</translation>
        </message>
        <message>
            <source>Score</source>
            <translation>得分</translation>
        </message>
        <message>
            <source>How sure the tracker is, 0 to 1</source>
            <translation>跟踪器的把握程度，0 到 1</translation>
        </message>
        <message>
            <source>Plot {name}</source>
            <translation>绘制{name}</translation>
        </message>
        <message>
            <source>Whole time</source>
            <translation>全部时间</translation>
        </message>
        <message>
            <source>Show everything from the first frame to the last (0)</source>
            <translation>显示从第一帧到最后一帧的全部内容 (0)</translation>
        </message>
        <message>
            <source>Export</source>
            <translation>导出</translation>
        </message>
        <message>
            <source>Save the plots as a picture, or what they show as a table</source>
            <translation>把曲线存为图片，或把数据存为表格</translation>
        </message>
        <message>
            <source>Picture (PNG)…</source>
            <translation>图片 (PNG)…</translation>
        </message>
        <message>
            <source>As shown, in twice the resolution</source>
            <translation>与所见相同，分辨率加倍</translation>
        </message>
        <message>
            <source>Drawing (SVG)…</source>
            <translation>矢量图 (SVG)…</translation>
        </message>
        <message>
            <source>As shown, in lines that stay sharp</source>
            <translation>与所见相同，放大仍清晰</translation>
        </message>
        <message>
            <source>Table (CSV)…</source>
            <translation>表格 (CSV)…</translation>
        </message>
        <message>
            <source>All measures of all targets, a row for each frame</source>
            <translation>所有目标的全部测量值，每帧一行</translation>
        </message>
    </context>
    <context>
        <name>Help</name>
        <message>
            <source>About SpaceTime Tracker</source>
            <translation>关于 SpaceTime Tracker</translation>
        </message>
        <message>
            <source>Point at anything in a video and have it followed. Everything happens on this computer; nothing is sent anywhere.</source>
            <translation>在视频里指哪儿，就跟哪儿。一切都在本机完成，不向外发送任何数据。</translation>
        </message>
    </context>
    <context>
        <name>LaneMenu</name>
        <message>
            <source>Track backwards from frame {frame}</source>
            <translation>从第 {frame} 帧反向跟踪</translation>
        </message>
        <message>
            <source>From the box you drew there, back to the one before it or to the beginning</source>
            <translation>从你在那里画的框开始，反向跟踪到上一个框或开头</translation>
        </message>
        <message>
            <source>Rename…</source>
            <translation>重命名…</translation>
        </message>
        <message>
            <source>Hide</source>
            <translation>隐藏</translation>
        </message>
        <message>
            <source>Show</source>
            <translation>显示</translation>
        </message>
        <message>
            <source>Remove</source>
            <translation>移除</translation>
        </message>
    </context>
    <context>
        <name>Legend</name>
        <message>
            <source>Legend</source>
            <translation>图例</translation>
        </message>
        <message>
            <source>Click a name to select the target</source>
            <translation>点击名称可选中目标</translation>
        </message>
    </context>
    <context>
        <name>MainWindow</name>
        <message>
            <source>The program made a mistake ({line}); what you have done so far is kept.</source>
            <translation>程序出错（{line}）；到目前为止所做的一切都已保留。</translation>
        </message>
    </context>
    <context>
        <name>MemoryStrip</name>
        <message>
            <source>Memory of the target</source>
            <translation>目标的记忆</translation>
        </message>
        <message>
            <source>Show attention</source>
            <translation>显示注意力</translation>
        </message>
        <message>
            <source>Show where the target looks in each frame of its memory, while it is followed</source>
            <translation>跟踪目标时，显示它在记忆的每一帧中看向哪里</translation>
        </message>
        <message>
            <source>Searched frame</source>
            <translation>搜索帧</translation>
        </message>
        <message>
            <source>What is searched in the frame that is shown: the share of attention that stays with it</source>
            <translation>当前帧中的搜索区域：留在其自身的注意力份额</translation>
        </message>
        <message>
            <source>Select a target to see what it remembers.</source>
            <translation>选中一个目标，查看它的记忆。</translation>
        </message>
        <message>
            <source>This target is being followed anew; after that it remembers again.</source>
            <translation>正在重新跟踪此目标；完成后它会重新有记忆。</translation>
        </message>
        <message>
            <source>This target remembers nothing yet.</source>
            <translation>此目标还没有记忆。</translation>
        </message>
        <message>
            <source>Now</source>
            <translation>当前</translation>
        </message>
        <message>
            <source>itself</source>
            <translation>自身</translation>
        </message>
        <message>
            <source>First frame, at {time}: what the target is. It always stays.</source>
            <translation>第一帧，位于 {time}：目标本来的样子。始终保留。</translation>
        </message>
        <message>
            <source>first frame</source>
            <translation>第一帧</translation>
        </message>
        <message>
            <source>Frame at {time}, score {score}, pinned: it stays. P lets it go, Delete forgets it.</source>
            <translation>{time} 的帧，得分 {score}，已固定：会一直保留。按 P 取消固定，按 Delete 忘记。</translation>
        </message>
        <message>
            <source>score {score}</source>
            <translation>得分 {score}</translation>
        </message>
        <message>
            <source>Frame at {time}, score {score}: it leaves when newer ones come. P pins it, Delete forgets it.</source>
            <translation>{time} 的帧，得分 {score}：有新帧时会被替换。按 P 固定，按 Delete 忘记。</translation>
        </message>
        <message>
            <source>new</source>
            <translation>新</translation>
        </message>
        <message>
            <source>Frame at {time}</source>
            <translation>{time} 的帧</translation>
        </message>
        <message>
            <source>{share} of the attention</source>
            <translation>占注意力的 {share}</translation>
        </message>
        <message>
            <source>The first frame always stays: it is what the target is.</source>
            <translation>第一帧始终保留：它是目标本来的样子。</translation>
        </message>
        <message>
            <source>The first frame cannot be forgotten: it is what the target is. Remove the target instead.</source>
            <translation>第一帧不能忘记：它是目标本来的样子。如不需要，请移除目标。</translation>
        </message>
        <message>
            <source>Let it go again</source>
            <translation>取消固定</translation>
        </message>
        <message>
            <source>Pin</source>
            <translation>固定</translation>
        </message>
        <message>
            <source>Forget</source>
            <translation>忘记</translation>
        </message>
    </context>
    <context>
        <name>Menus</name>
        <message>
            <source>Open rece&amp;nt</source>
            <translation>最近打开(&amp;N)</translation>
        </message>
        <message>
            <source>&amp;Panels</source>
            <translation>面板(&amp;P)</translation>
        </message>
        <message>
            <source>&amp;Colours</source>
            <translation>颜色(&amp;C)</translation>
        </message>
        <message>
            <source>&amp;System</source>
            <translation>跟随系统(&amp;S)</translation>
        </message>
        <message>
            <source>&amp;Light</source>
            <translation>浅色(&amp;L)</translation>
        </message>
        <message>
            <source>&amp;Dark</source>
            <translation>深色(&amp;D)</translation>
        </message>
        <message>
            <source>Lan&amp;guage</source>
            <translation>语言(&amp;G)</translation>
        </message>
        <message>
            <source>&amp;As the system</source>
            <translation>跟随系统(&amp;A)</translation>
        </message>
    </context>
    <context>
        <name>OpenWork</name>
        <message>
            <source>Demo</source>
            <translation>演示</translation>
        </message>
        <message>
            <source>Camera {number}</source>
            <translation>摄像头 {number}</translation>
        </message>
        <message>
            <source>Screen</source>
            <translation>屏幕</translation>
        </message>
        <message>
            <source>The project {name} is open in this window already.</source>
            <translation>项目 {name} 已在此窗口中打开。</translation>
        </message>
        <message>
            <source>Save project</source>
            <translation>保存项目</translation>
        </message>
        <message>
            <source>Projects ({pattern})</source>
            <translation>项目 ({pattern})</translation>
        </message>
        <message>
            <source>Recorded: {path}</source>
            <translation>已录制：{path}</translation>
        </message>
        <message>
            <source>The recording {path} ends here, and is being finished.</source>
            <translation>录像 {path} 到此结束，正在完成写入。</translation>
        </message>
    </context>
    <context>
        <name>PictureMenu</name>
        <message>
            <source>New target here</source>
            <translation>在此新建目标</translation>
        </message>
        <message>
            <source>Fit to the window</source>
            <translation>适应窗口</translation>
        </message>
        <message>
            <source>Actual size</source>
            <translation>实际大小</translation>
        </message>
        <message>
            <source>Show {name} again</source>
            <translation>重新显示 {name}</translation>
        </message>
    </context>
    <context>
        <name>PlotsPanel</name>
        <message>
            <source>✓ Wrote {name}.</source>
            <translation>✓ 已写入 {name}。</translation>
        </message>
        <message>
            <source>Plots</source>
            <translation>曲线</translation>
        </message>
        <message>
            <source>What is followed is plotted here</source>
            <translation>跟踪的目标会在这里绘制曲线</translation>
        </message>
        <message>
            <source>Values at the frame that is shown</source>
            <translation>当前帧的数值</translation>
        </message>
        <message>
            <source>Position x</source>
            <translation>位置 x</translation>
        </message>
        <message>
            <source>Position y</source>
            <translation>位置 y</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>大小</translation>
        </message>
        <message>
            <source>Speed</source>
            <translation>速度</translation>
        </message>
        <message>
            <source>Score</source>
            <translation>得分</translation>
        </message>
        <message>
            <source>lost</source>
            <translation>丢失</translation>
        </message>
        <message>
            <source>Select a target to read its values here</source>
            <translation>选中一个目标，在此查看数值</translation>
        </message>
        <message>
            <source>Plots over time</source>
            <translation>随时间变化的曲线</translation>
        </message>
        <message>
            <source>Arrow keys go to other frames, + and − zoom, 0 shows the whole time</source>
            <translation>方向键转到其他帧，+ 和 − 缩放，0 显示全部时间</translation>
        </message>
        <message>
            <source>{name}, {unit}</source>
            <translation>{name}（{unit}）</translation>
        </message>
        <message>
            <source>{time}, frame {frame}</source>
            <translation>{time}，第 {frame} 帧</translation>
        </message>
        <message>
            <source>Save as</source>
            <translation>另存为</translation>
        </message>
    </context>
    <context>
        <name>RangeChoice</name>
        <message>
            <source>Frames</source>
            <translation>帧</translation>
        </message>
        <message>
            <source>All</source>
            <translation>全部</translation>
        </message>
        <message>
            <source>Every frame of the source</source>
            <translation>来源的所有帧</translation>
        </message>
        <message>
            <source>From</source>
            <translation>从</translation>
        </message>
        <message>
            <source>Only these; the in and out points of the timeline, if set</source>
            <translation>仅这些帧；已设置入点和出点时以其为准</translation>
        </message>
        <message>
            <source>to</source>
            <translation>到</translation>
        </message>
        <message>
            <source>Number of the first frame, counted from 0</source>
            <translation>第一帧的编号，从 0 开始</translation>
        </message>
        <message>
            <source>Number of the last frame, itself included</source>
            <translation>最后一帧的编号，包括该帧</translation>
        </message>
        <message>
            <source>First frame</source>
            <translation>第一帧</translation>
        </message>
        <message>
            <source>Last frame</source>
            <translation>最后一帧</translation>
        </message>
    </context>
    <context>
        <name>RecentCard</name>
        <message>
            <source>This is not there any more. Del takes it off the list.</source>
            <translation>它已不在原处。按 Del 从列表中移除。</translation>
        </message>
        <message>
            <source>Camera {number}</source>
            <translation>摄像头 {number}</translation>
        </message>
        <message>
            <source>Screen</source>
            <translation>屏幕</translation>
        </message>
        <message>
            <source>not there any more</source>
            <translation>已不存在</translation>
        </message>
        <message>
            <source>all of it</source>
            <translation>整个屏幕</translation>
        </message>
        <message>
            <source>live</source>
            <translation>实时</translation>
        </message>
        <message>
            <source>stream</source>
            <translation>网络流</translation>
        </message>
        <message>
            <source>Take off the list</source>
            <translation>从列表中移除</translation>
        </message>
        <message>
            <source>Clear the list</source>
            <translation>清空列表</translation>
        </message>
    </context>
    <context>
        <name>RecentList</name>
        <message>
            <source>Recent</source>
            <translation>最近打开</translation>
        </message>
    </context>
    <context>
        <name>Recents</name>
        <message>
            <source>Nothing yet</source>
            <translation>暂无</translation>
        </message>
        <message>
            <source>Camera {number}</source>
            <translation>摄像头 {number}</translation>
        </message>
        <message>
            <source>Screen</source>
            <translation>屏幕</translation>
        </message>
    </context>
    <context>
        <name>RecordButton</name>
        <message>
            <source>With boxes</source>
            <translation>带框</translation>
        </message>
        <message>
            <source>The pictures with boxes and labels</source>
            <translation>带框和标签的画面</translation>
        </message>
        <message>
            <source>Without boxes</source>
            <translation>不带框</translation>
        </message>
        <message>
            <source>The pictures as they come</source>
            <translation>原始画面</translation>
        </message>
        <message>
            <source>Both, as two files</source>
            <translation>两者，各存一个文件</translation>
        </message>
        <message>
            <source>One file with boxes, one without</source>
            <translation>一个文件带框，一个不带框</translation>
        </message>
        <message>
            <source>What to record</source>
            <translation>录制内容</translation>
        </message>
        <message>
            <source>Choose the folder…</source>
            <translation>选择文件夹…</translation>
        </message>
        <message>
            <source>Recordings go to {folder}</source>
            <translation>录像保存到 {folder}</translation>
        </message>
        <message>
            <source>Open the folder</source>
            <translation>打开文件夹</translation>
        </message>
        <message>
            <source>Folder for recordings</source>
            <translation>录像文件夹</translation>
        </message>
        <message>
            <source>Stop recording</source>
            <translation>停止录制</translation>
        </message>
        <message>
            <source>Finish the recording (Ctrl+R)</source>
            <translation>结束录制 (Ctrl+R)</translation>
        </message>
        <message>
            <source>Record</source>
            <translation>录制</translation>
        </message>
        <message>
            <source>Record what is played from here on (Ctrl+R)</source>
            <translation>从这里开始录制播放的内容 (Ctrl+R)</translation>
        </message>
        <message>
            <source>Recording {parts}</source>
            <translation>录制中 {parts}</translation>
        </message>
        <message>
            <source>⚠ Recording ended</source>
            <translation>⚠ 录制已中止</translation>
        </message>
        <message>
            <source>Finishing the file…</source>
            <translation>正在完成文件…</translation>
        </message>
        <message>
            <source>⚠ only {free} free</source>
            <translation>⚠ 仅剩 {free}</translation>
        </message>
        <message>
            <source>{free} free</source>
            <translation>剩余 {free}</translation>
        </message>
        <message>
            <source>{path}, {frames} frames</source>
            <translation>{path}，{frames} 帧</translation>
        </message>
    </context>
    <context>
        <name>RecoveryPanel</name>
        <message>
            <source>Unfinished sessions</source>
            <translation>未完成的会话</translation>
        </message>
        <message>
            <source>The program ended before these did. What they recorded can be saved: a playable video and a table of boxes.</source>
            <translation>程序在这些会话结束之前退出了。已记录的内容可以保存下来：可播放的视频和目标框表格。</translation>
        </message>
        <message>
            <source>Open folder</source>
            <translation>打开文件夹</translation>
        </message>
        <message>
            <source>Show what was saved in the system's file manager</source>
            <translation>在系统的文件管理器中查看已保存的内容</translation>
        </message>
        <message>
            <source>Not now</source>
            <translation>以后再说</translation>
        </message>
        <message>
            <source>Done</source>
            <translation>完成</translation>
        </message>
        <message>
            <source>Hide this; what can be recovered is offered again at the next start</source>
            <translation>隐藏；可恢复的内容会在下次启动时再次提示</translation>
        </message>
        <message>
            <source>Hide this</source>
            <translation>隐藏</translation>
        </message>
        <message>
            <source>Recover</source>
            <translation>恢复</translation>
        </message>
        <message>
            <source>Delete…</source>
            <translation>删除…</translation>
        </message>
        <message>
            <source>Save what this session recorded, in its folder</source>
            <translation>把此会话记录的内容保存到它的文件夹</translation>
        </message>
        <message>
            <source>Move this session and all it recorded to the system's trash</source>
            <translation>把此会话及其记录的全部内容移到系统回收站</translation>
        </message>
        <message>
            <source>up to frame {frame}</source>
            <translation>到第 {frame} 帧</translation>
        </message>
        <message>
            <source>Saving what {name} recorded…</source>
            <translation>正在保存 {name} 记录的内容…</translation>
        </message>
        <message>
            <source>Saved in {folder}: {rows} boxes of {frames} frames, {videos} videos.</source>
            <translation>已保存到 {folder}：{frames} 帧中的 {rows} 个框，{videos} 个视频。</translation>
        </message>
        <message>
            <source>Delete session</source>
            <translation>删除会话</translation>
        </message>
        <message>
            <source>Move the session {name} to the trash?</source>
            <translation>要把会话 {name} 移到回收站吗？</translation>
        </message>
        <message>
            <source>Its boxes and its recordings in {folder} go with it.</source>
            <translation>它在 {folder} 中的目标框和录像会一并移走。</translation>
        </message>
        <message>
            <source>Move to trash</source>
            <translation>移到回收站</translation>
        </message>
        <message>
            <source>{folder} cannot be moved to the trash; delete it in the system's file manager.</source>
            <translation>无法把 {folder} 移到回收站；请在系统的文件管理器中删除。</translation>
        </message>
    </context>
    <context>
        <name>RegionPicker</name>
        <message>
            <source>Draw the region</source>
            <translation>画出区域</translation>
        </message>
        <message>
            <source>Draw the region with the mouse; Esc gives up</source>
            <translation>用鼠标画出区域；按 Esc 放弃</translation>
        </message>
        <message>
            <source>Drag a rectangle around what you want to capture. Esc: give up</source>
            <translation>拖出一个矩形，圈住要捕获的内容。Esc：放弃</translation>
        </message>
    </context>
    <context>
        <name>RenameEdit</name>
        <message>
            <source>Name of the target</source>
            <translation>目标的名称</translation>
        </message>
    </context>
    <context>
        <name>RulerMenu</name>
        <message>
            <source>Range begins here</source>
            <translation>范围从此开始</translation>
        </message>
        <message>
            <source>Range ends here</source>
            <translation>范围到此结束</translation>
        </message>
        <message>
            <source>Clear the range</source>
            <translation>清除范围</translation>
        </message>
    </context>
    <context>
        <name>ScaleDialog</name>
        <message>
            <source>Scale</source>
            <translation>比例尺</translation>
        </message>
        <message>
            <source>&amp;Length of the line:</source>
            <translation>线段长度(&amp;L)：</translation>
        </message>
        <message>
            <source>How long what the line spans is in reality</source>
            <translation>线段所跨部分的实际长度</translation>
        </message>
        <message>
            <source>Length</source>
            <translation>长度</translation>
        </message>
        <message>
            <source>The unit of the length: one of these, or any other name</source>
            <translation>长度的单位：可从中选择，也可输入其他名称</translation>
        </message>
        <message>
            <source>Unit</source>
            <translation>单位</translation>
        </message>
        <message>
            <source>&amp;Remove the scale</source>
            <translation>移除比例尺(&amp;R)</translation>
        </message>
        <message>
            <source>Measure in pixels again</source>
            <translation>恢复以像素为单位</translation>
        </message>
        <message>
            <source>Measure in this unit from now on</source>
            <translation>此后以此单位测量</translation>
        </message>
        <message>
            <source>The length must be a number above 0.</source>
            <translation>长度必须是大于 0 的数。</translation>
        </message>
        <message>
            <source>The line is {pixels} pixels long.</source>
            <translation>线段长 {pixels} 像素。</translation>
        </message>
        <message>
            <source>The line is {pixels} pixels long: a pixel is {amount} {unit}.</source>
            <translation>线段长 {pixels} 像素：每像素 {amount} {unit}。</translation>
        </message>
        <message>
            <source>Give the unit a name, such as m or cm.</source>
            <translation>请输入单位名称，例如 m 或 cm。</translation>
        </message>
        <message>
            <source>Without a scale everything is in pixels already.</source>
            <translation>没有比例尺时本来就以像素为单位。</translation>
        </message>
        <message>
            <source>The name of a unit has {count} letters at most.</source>
            <translation>单位名称最多 {count} 个字符。</translation>
        </message>
    </context>
    <context>
        <name>ScaleTool</name>
        <message>
            <source>Line of known length</source>
            <translation>已知长度的线段</translation>
        </message>
        <message>
            <source>Click one end of something whose length you know, or go there by arrow keys and press Enter; Esc cancels</source>
            <translation>点击已知长度的物体的一端，或用方向键移到那里并按 Enter；按 Esc 取消</translation>
        </message>
        <message>
            <source>Now the other end; Shift keeps the line level or upright, Esc cancels</source>
            <translation>再点另一端；按住 Shift 保持水平或竖直，按 Esc 取消</translation>
        </message>
        <message>
            <source>{pixels} px</source>
            <translation>{pixels} px</translation>
        </message>
    </context>
    <context>
        <name>ScreenDialog</name>
        <message>
            <source>Screen region</source>
            <translation>屏幕区域</translation>
        </message>
        <message>
            <source>&amp;Screen:</source>
            <translation>屏幕(&amp;S)：</translation>
        </message>
        <message>
            <source>&amp;Position:</source>
            <translation>位置(&amp;P)：</translation>
        </message>
        <message>
            <source>S&amp;ize:</source>
            <translation>大小(&amp;I)：</translation>
        </message>
        <message>
            <source>Frame r&amp;ate:</source>
            <translation>帧率(&amp;A)：</translation>
        </message>
        <message>
            <source>{name} ({width} × {height})</source>
            <translation>{name}（{width} × {height}）</translation>
        </message>
        <message>
            <source>Screen {number}</source>
            <translation>屏幕 {number}</translation>
        </message>
        <message>
            <source>{rate} frames per second</source>
            <translation>每秒 {rate} 帧</translation>
        </message>
        <message>
            <source>&amp;Draw a rectangle…</source>
            <translation>画一个矩形(&amp;D)…</translation>
        </message>
        <message>
            <source>&amp;Whole screen</source>
            <translation>整个屏幕(&amp;W)</translation>
        </message>
        <message>
            <source>Keep this program's own window out of the region, or it films itself.</source>
            <translation>区域请避开本程序的窗口，以免拍到自己。</translation>
        </message>
        <message>
            <source>The screen that is captured</source>
            <translation>要捕获的屏幕</translation>
        </message>
        <message>
            <source>Draw the region with the mouse, on the screen itself</source>
            <translation>用鼠标直接在屏幕上画出区域</translation>
        </message>
        <message>
            <source>Capture all of this screen</source>
            <translation>捕获整个屏幕</translation>
        </message>
        <message>
            <source>How often the screen is captured; fewer is less work</source>
            <translation>捕获屏幕的频率；越低越省资源</translation>
        </message>
        <message>
            <source>Left edge, in pixels of the desktop</source>
            <translation>左边缘，以桌面像素计</translation>
        </message>
        <message>
            <source>Upper edge, in pixels of the desktop</source>
            <translation>上边缘，以桌面像素计</translation>
        </message>
        <message>
            <source>Width, in pixels</source>
            <translation>宽度，以像素计</translation>
        </message>
        <message>
            <source>Height, in pixels</source>
            <translation>高度，以像素计</translation>
        </message>
        <message>
            <source>Show what this region shows</source>
            <translation>显示此区域的画面</translation>
        </message>
    </context>
    <context>
        <name>Sentences</name>
        <message>
            <source>A box has four numbers, x,y,w,h; {count} were given for {where}.</source>
            <translation>框需要四个数 x,y,w,h；{where}中的框给了 {count} 个。</translation>
        </message>
        <message>
            <source>A camera cannot give {width}×{height} pixels; give its own size.</source>
            <translation>摄像头无法提供 {width}×{height} 像素；请使用它自己的分辨率。</translation>
        </message>
        <message>
            <source>A frame holds values that are not finite; give numbers in 0..1.</source>
            <translation>帧中有非有限的值；请给出 0..1 之间的数。</translation>
        </message>
        <message>
            <source>A frame of shape {shape} has no pixels; give a non-empty image.</source>
            <translation>形状为 {shape} 的帧没有像素；请给出非空的图片。</translation>
        </message>
        <message>
            <source>A frame of shape {shape} is not an image; give height × width, optionally × 1, 3 or 4 channels.</source>
            <translation>形状为 {shape} 的帧不是图片；请给出 高 × 宽，可再 × 1、3 或 4 个通道。</translation>
        </message>
        <message>
            <source>A frame of type {dtype} cannot be read; give uint8, uint16 or floats in 0..1.</source>
            <translation>无法读取类型为 {dtype} 的帧；请给出 uint8、uint16 或 0..1 之间的浮点数。</translation>
        </message>
        <message>
            <source>A frame with the time {time_s} cannot be recorded; give seconds.</source>
            <translation>无法录制时间为 {time_s} 的帧；时间须以秒计。</translation>
        </message>
        <message>
            <source>A rate of {rate:g} frames per second cannot be used; give 1 to 1000.</source>
            <translation>不能使用每秒 {rate:g} 帧的帧率；请给出 1 到 1000。</translation>
        </message>
        <message>
            <source>A target cannot be lost below {lost_below:g} and uncertain only below {uncertain_below:g}; set 'lost below' to at most 'uncertain below'.</source>
            <translation>丢失阈值 {lost_below:g} 高于不确定阈值 {uncertain_below:g}；请把“丢失阈值”降到“不确定阈值”或更低。</translation>
        </message>
        <message>
            <source>A tracker cannot run in {threads} threads; give 1 or more.</source>
            <translation>跟踪器无法用 {threads} 个线程运行；请给出 1 或更多。</translation>
        </message>
        <message>
            <source>A video cannot be written as {name}; end its name in {known}.</source>
            <translation>无法把视频写为 {name}；文件名请以 {known} 结尾。</translation>
        </message>
        <message>
            <source>An array of shape {shape} and type {dtype} cannot be recorded; give height × width × 3 of uint8.</source>
            <translation>无法录制形状为 {shape}、类型为 {dtype} 的数组；请给出 高 × 宽 × 3 的 uint8。</translation>
        </message>
        <message>
            <source>Boxes cannot be read as {chosen}; known are {known}.</source>
            <translation>无法按 {chosen} 格式读取目标框；支持的有 {known}。</translation>
        </message>
        <message>
            <source>Boxes cannot be written as {name}; end the name in .csv, .jsonl, .txt (MOT) or .json (COCO), or give --format {known}.</source>
            <translation>无法把目标框写为 {name}；文件名请以 .csv、.jsonl、.txt（MOT）或 .json（COCO）结尾，或给出 --format {known}。</translation>
        </message>
        <message>
            <source>CPU, {threads} threads; no CUDA or MPS device</source>
            <translation>CPU，{threads} 个线程；没有 CUDA 或 MPS 设备</translation>
        </message>
        <message>
            <source>CUDA graphs run on NVIDIA graphics cards alone, and the network stands on {device}; use runtime 'torch'.</source>
            <translation>CUDA graph 只能在 NVIDIA 显卡上运行，而网络位于 {device}；请使用运行时 'torch'。</translation>
        </message>
        <message>
            <source>CUDA {version}: {names}, of which not every one answers</source>
            <translation>CUDA {version}：{names}，其中有显卡没有响应</translation>
        </message>
        <message>
            <source>Camera {index}</source>
            <translation>摄像头 {index}</translation>
        </message>
        <message>
            <source>Camera {index} cannot be opened; {hint}.</source>
            <translation>无法打开摄像头 {index}；{hint}。</translation>
        </message>
        <message>
            <source>Camera {index} gives no picture; it was unplugged or stopped.</source>
            <translation>摄像头 {index} 没有画面；它被拔出或已停止。</translation>
        </message>
        <message>
            <source>Camera {index} gives {rate:g} frames per second instead of {asked_rate:g}.</source>
            <translation>摄像头 {index} 每秒提供 {rate:g} 帧，而不是 {asked_rate:g} 帧。</translation>
        </message>
        <message>
            <source>Camera {index} gives {width}×{height} pixels at {rate:g} frames per second instead of {asked_width}×{asked_height} at {asked_rate:g}.</source>
            <translation>摄像头 {index} 提供的是 {width}×{height} 像素、每秒 {rate:g} 帧，而不是 {asked_width}×{asked_height} 像素、每秒 {asked_rate:g} 帧。</translation>
        </message>
        <message>
            <source>Camera {index} gives {width}×{height} pixels instead of {asked_width}×{asked_height}.</source>
            <translation>摄像头 {index} 提供的是 {width}×{height} 像素，而不是 {asked_width}×{asked_height}。</translation>
        </message>
        <message>
            <source>Camera {index} may not be used by this user; join the group {group} and log in again.</source>
            <translation>此用户无权使用摄像头 {index}；请加入用户组 {group} 并重新登录。</translation>
        </message>
        <message>
            <source>Every frame in this memory is pinned; let one go first.</source>
            <translation>此记忆中的每一帧都已固定；请先取消固定其中一帧。</translation>
        </message>
        <message>
            <source>Frame {index} of {name} is damaged; go to another one.</source>
            <translation>{name} 的第 {index} 帧已损坏；请转到其他帧。</translation>
        </message>
        <message>
            <source>Frame {index} of {name} is gone; only the last {seconds:g} seconds are kept.</source>
            <translation>{name} 的第 {index} 帧已不存在；只保留最近 {seconds:g} 秒。</translation>
        </message>
        <message>
            <source>In line {number} of the table {path} a value cannot be read: {error}.</source>
            <translation>表格 {path} 的第 {number} 行有无法读取的值：{error}。</translation>
        </message>
        <message>
            <source>Libraries of Qt are missing; install them with: {line}</source>
            <translation>缺少 Qt 的库；请用此命令安装：{line}</translation>
        </message>
        <message>
            <source>Line {number} of the ground truth {path} is {text!r}; it must hold four numbers, x,y,w,h.</source>
            <translation>真值文件 {path} 的第 {number} 行是 {text!r}；它应为四个数 x,y,w,h。</translation>
        </message>
        <message>
            <source>Line {number} of the journal {path} is damaged; `spacetime-tracker recover` saves what stands before it.</source>
            <translation>日志 {path} 的第 {number} 行已损坏；`spacetime-tracker recover` 可保存它之前的内容。</translation>
        </message>
        <message>
            <source>No target is chosen; choose at least one to export.</source>
            <translation>没有选择目标；请至少选择一个要导出的目标。</translation>
        </message>
        <message>
            <source>No weights are shipped for {name!r} (shipped: {shipped}); name a preset that has some, or give the path of a .safetensors file.</source>
            <translation>程序没有附带 {name!r} 的权重（附带的有：{shipped}）；请选择有权重的预设，或给出 .safetensors 文件的路径。</translation>
        </message>
        <message>
            <source>ONNX Runtime cannot run this network here ({reason}); install onnx and onnxruntime, or use runtime 'torch'.</source>
            <translation>ONNX Runtime 在此无法运行这个网络（{reason}）；请安装 onnx 和 onnxruntime，或使用运行时“torch”。</translation>
        </message>
        <message>
            <source>ONNX Runtime cannot run this network: {obstacle}; use runtime 'torch'.</source>
            <translation>ONNX Runtime 无法运行这个网络：{obstacle}；请使用运行时“torch”。</translation>
        </message>
        <message>
            <source>Playing stopped by a fault of the program ({kind}: {error}).</source>
            <translation>播放因程序错误而停止（{kind}：{error}）。</translation>
        </message>
        <message>
            <source>PyQt6 does not load: {why}</source>
            <translation>无法加载 PyQt6：{why}</translation>
        </message>
        <message>
            <source>Recording stopped, for the folder {folder} is gone; tracking goes on, and the next recording needs another folder.</source>
            <translation>录制已停止，因为文件夹 {folder} 已不存在；跟踪会继续，下次录制请选择其他文件夹。</translation>
        </message>
        <message>
            <source>Recording to {path} stopped after about {seconds:.1f} s: {why}; the video is whole up to there, but for the next one make room or choose another folder.</source>
            <translation>录制到 {path} 约 {seconds:.1f} 秒后停止：{why}；到此为止的视频是完整的，下次录制前请腾出空间或选择其他文件夹。</translation>
        </message>
        <message>
            <source>Some settings in {path} cannot be used ({names}); their defaults are used instead.</source>
            <translation>{path} 中有些设置无法使用（{names}）；已改用默认值。</translation>
        </message>
        <message>
            <source>Target {target} remembers no frame in slot {slot}.</source>
            <translation>目标 {target} 的记忆位 {slot} 中没有帧。</translation>
        </message>
        <message>
            <source>The box {shown} for {where} is empty; width and height must be above 0.</source>
            <translation>{where}中的框 {shown} 是空的；宽和高必须大于 0。</translation>
        </message>
        <message>
            <source>The box {shown} for {where} is not finite; give x,y,w,h in pixels.</source>
            <translation>{where}中的框 {shown} 含有非有限的值；请给出以像素计的 x,y,w,h。</translation>
        </message>
        <message>
            <source>The box {shown} for {where} is too large; width and height must be {most:.0f} at most.</source>
            <translation>{where}的框 {shown} 太大；宽和高最多为 {most:.0f}。</translation>
        </message>
        <message>
            <source>The box {shown} lies outside {where} of {width}×{height} pixels; give x,y,w,h of the top-left corner and size.</source>
            <translation>框 {shown} 在 {width}×{height} 像素的{where}之外；请给出左上角和大小 x,y,w,h。</translation>
        </message>
        <message>
            <source>The checksum {beside} is missing; reinstall spacetime-tracker.</source>
            <translation>缺少校验和文件 {beside}；请重新安装 spacetime-tracker。</translation>
        </message>
        <message>
            <source>The chosen targets have no box in this range of frames; choose another range.</source>
            <translation>所选目标在这个帧范围内没有框；请选择其他范围。</translation>
        </message>
        <message>
            <source>The device {device} does not answer any more; tracking goes on on the CPU, more slowly.</source>
            <translation>设备 {device} 不再响应；跟踪改在 CPU 上继续，速度较慢。</translation>
        </message>
        <message>
            <source>The device {name!r} does not answer; start the program anew, or use --device cpu.</source>
            <translation>设备 {name!r} 没有响应；请重新启动程序，或使用 --device cpu。</translation>
        </message>
        <message>
            <source>The display cannot be used by Qt; see `spacetime-tracker doctor`.</source>
            <translation>Qt 无法使用此显示器；请查看 `spacetime-tracker doctor`。</translation>
        </message>
        <message>
            <source>The export stopped by a fault of the program ({kind}: {error}).</source>
            <translation>导出因程序错误而停止（{kind}：{error}）。</translation>
        </message>
        <message>
            <source>The file {path} cannot be read as a video; it is damaged, cut off or of another kind.</source>
            <translation>无法把文件 {path} 作为视频读取；它已损坏、不完整或是其他类型。</translation>
        </message>
        <message>
            <source>The file {path} cannot be read: permission denied.</source>
            <translation>无法读取文件 {path}：没有权限。</translation>
        </message>
        <message>
            <source>The file {path} holds no video, only sound or data.</source>
            <translation>文件 {path} 中没有视频，只有声音或数据。</translation>
        </message>
        <message>
            <source>The file {path} holds no weights of this program; give one written by `spacetime-tracker train`.</source>
            <translation>文件 {path} 中没有本程序的权重；请给出由 `spacetime-tracker train` 写出的文件。</translation>
        </message>
        <message>
            <source>The file {path} is empty.</source>
            <translation>文件 {path} 是空的。</translation>
        </message>
        <message>
            <source>The file {path} is no journal: its first line is no header; give the folder of a session.</source>
            <translation>文件 {path} 不是日志：第一行不是文件头；请给出会话的文件夹。</translation>
        </message>
        <message>
            <source>The file {path} is no project of this program; open another one.</source>
            <translation>文件 {path} 不是本程序的项目；请打开其他文件。</translation>
        </message>
        <message>
            <source>The file {path} is too large for a project; open another one.</source>
            <translation>文件 {path} 太大，不会是项目；请打开其他文件。</translation>
        </message>
        <message>
            <source>The first template cannot be forgotten; remove the target instead.</source>
            <translation>最初的模板不能忘记；如不需要，请移除目标。</translation>
        </message>
        <message>
            <source>The folder {folder} cannot be read: {reason}.</source>
            <translation>无法读取文件夹 {folder}：{reason}。</translation>
        </message>
        <message>
            <source>The folder {folder} for recordings cannot be made: {reason}; choose another folder.</source>
            <translation>无法创建录像文件夹 {folder}：{reason}；请选择其他文件夹。</translation>
        </message>
        <message>
            <source>The folder {folder} holds a session already; choose another, or look at it with `spacetime-tracker recover` or `replay`.</source>
            <translation>文件夹 {folder} 中已有会话；请选择其他文件夹，或用 `spacetime-tracker recover` 或 `replay` 查看。</translation>
        </message>
        <message>
            <source>The folder {folder} holds no images; put {kinds} files into it.</source>
            <translation>文件夹 {folder} 中没有图片；请放入 {kinds} 文件。</translation>
        </message>
        <message>
            <source>The folder {folder} holds no session: there is no {file} in it; give the folder of a session, or one that holds some.</source>
            <translation>文件夹 {folder} 中没有会话：其中没有 {file}；请给出会话的文件夹，或包含会话的文件夹。</translation>
        </message>
        <message>
            <source>The frame is {width}×{height} pixels, those before it were {before_width}×{before_height}; start again for a video of another size.</source>
            <translation>此帧为 {width}×{height} 像素，之前的帧为 {before_width}×{before_height}；大小不同的视频请重新开始。</translation>
        </message>
        <message>
            <source>The ground truth {path} has more than {most} lines.</source>
            <translation>真值文件 {path} 超过 {most} 行。</translation>
        </message>
        <message>
            <source>The ground truth {path} is empty; it needs one x,y,w,h per frame.</source>
            <translation>真值文件 {path} 是空的；每帧需要一个 x,y,w,h。</translation>
        </message>
        <message>
            <source>The header of the journal {path} cannot be used ({why}); it was changed, or written by another version.</source>
            <translation>无法使用日志 {path} 的文件头（{why}）；它被改动过，或由其他版本写出。</translation>
        </message>
        <message>
            <source>The image {path} cannot be read: {reason}.</source>
            <translation>无法读取图片 {path}：{reason}。</translation>
        </message>
        <message>
            <source>The image {path} cannot be used: {error}</source>
            <translation>无法使用图片 {path}：{error}</translation>
        </message>
        <message>
            <source>The image {path} is damaged or not an image; replace or remove it.</source>
            <translation>图片 {path} 已损坏或不是图片；请替换或移除它。</translation>
        </message>
        <message>
            <source>The images in {name} have {sizes} sizes, most often {width}×{height} ({count} of {total}); tracking ends where the size changes.</source>
            <translation>{name} 中的图片有 {sizes} 种大小，最多的是 {width}×{height}（{total} 张中有 {count} 张）；跟踪会在大小改变处结束。</translation>
        </message>
        <message>
            <source>The journal {path} cannot be read: {reason}.</source>
            <translation>无法读取日志 {path}：{reason}。</translation>
        </message>
        <message>
            <source>The journal {path} cannot be written: {reason}; choose a folder that may be written to and has room.</source>
            <translation>无法写入日志 {path}：{reason}；请选择可写入且有空间的文件夹。</translation>
        </message>
        <message>
            <source>The journal {path} was written by another version of this program ({found!r}, not {known!r}); use that version.</source>
            <translation>日志 {path} 由本程序的其他版本写出（是 {found!r}，不是 {known!r}）；请使用那个版本。</translation>
        </message>
        <message>
            <source>The last line of {path} was torn; its {count} bytes were cut off.</source>
            <translation>{path} 的最后一行不完整；其中的 {count} 字节已截去。</translation>
        </message>
        <message>
            <source>The list of recent files {path} cannot be written: {why}.</source>
            <translation>无法写入最近打开的列表 {path}：{why}。</translation>
        </message>
        <message>
            <source>The memory of {device} is full; tracking goes on on the CPU, more slowly.</source>
            <translation>{device} 的显存已满；跟踪改在 CPU 上继续，速度较慢。</translation>
        </message>
        <message>
            <source>The part of the screen {text!r} is not four whole numbers; write screen:x,y,w,h, for example screen:0,0,1280,720.</source>
            <translation>屏幕区域 {text!r} 不是四个整数；请写成 screen:x,y,w,h，例如 screen:0,0,1280,720。</translation>
        </message>
        <message>
            <source>The part {x},{y},{width},{height} is not on the screen; it reaches from {left},{top} to {right},{bottom}.</source>
            <translation>区域 {x},{y},{width},{height} 不在屏幕上；屏幕的范围是从 {left},{top} 到 {right},{bottom}。</translation>
        </message>
        <message>
            <source>The picture {path} cannot be written: {reason}; choose a folder that exists, may be written to and has room.</source>
            <translation>无法写入图片 {path}：{reason}；请选择存在、可写入且有空间的文件夹。</translation>
        </message>
        <message>
            <source>The pictures are {width}×{height} pixels from here on; {name} ends there, and the recording goes on in a further file beside it.</source>
            <translation>从这里起画面为 {width}×{height} 像素；{name} 到此结束，录制在它旁边的新文件中继续。</translation>
        </message>
        <message>
            <source>The pictures of {name} are gone, for it was live; record it, and export from the recording.</source>
            <translation>{name} 是实时来源，画面已不存在；请录制它，再从录像导出。</translation>
        </message>
        <message>
            <source>The project {name} cannot be written where it is, so this is a copy; save it elsewhere.</source>
            <translation>项目 {name} 所在的位置无法写入，因此这是一份副本；请保存到别处。</translation>
        </message>
        <message>
            <source>The project {name} is open in another window, so this is a copy of it as it was last saved; save it under another name.</source>
            <translation>项目 {name} 已在另一个窗口中打开，因此这是它上次保存时的副本；请用另一个名称保存。</translation>
        </message>
        <message>
            <source>The project {name} is open in another window; save under another name.</source>
            <translation>项目 {name} 已在另一个窗口中打开；请用另一个名称保存。</translation>
        </message>
        <message>
            <source>The project {path} cannot be read: {reason}.</source>
            <translation>无法读取项目 {path}：{reason}。</translation>
        </message>
        <message>
            <source>The project {path} cannot be written: {why}; choose a folder that exists, may be written to and has room.</source>
            <translation>无法写入项目 {path}：{why}；请选择存在、可写入且有空间的文件夹。</translation>
        </message>
        <message>
            <source>The project {path} is damaged ({fault}); open a copy of it or begin anew.</source>
            <translation>项目 {path} 已损坏（{fault}）；请打开它的副本或重新开始。</translation>
        </message>
        <message>
            <source>The project {path} is damaged, or no project at all; open another one.</source>
            <translation>项目 {path} 已损坏，或根本不是项目；请打开其他项目。</translation>
        </message>
        <message>
            <source>The project {path} was written by another version of this program ({found!r}, not {known!r}); use that version.</source>
            <translation>项目 {path} 由本程序的其他版本写出（是 {found!r}，不是 {known!r}）；请使用那个版本。</translation>
        </message>
        <message>
            <source>The range from frame {first} to frame {last} is empty; set the first before the last.</source>
            <translation>从第 {first} 帧到第 {last} 帧的范围是空的；请让第一帧在最后一帧之前。</translation>
        </message>
        <message>
            <source>The recording {path} is closed; start another one.</source>
            <translation>录像 {path} 已结束；请开始新的录制。</translation>
        </message>
        <message>
            <source>The recording {path} was finished, for {reason}.</source>
            <translation>录像 {path} 已完成写入，因为{reason}。</translation>
        </message>
        <message>
            <source>The screen</source>
            <translation>屏幕</translation>
        </message>
        <message>
            <source>The screen cannot be captured any more; {hint}.</source>
            <translation>无法继续捕获屏幕；{hint}。</translation>
        </message>
        <message>
            <source>The screen cannot be captured; {hint}.</source>
            <translation>无法捕获屏幕；{hint}。</translation>
        </message>
        <message>
            <source>The server's name in this address cannot be; write it as rtsp://host/path, with a host of numbers and colons in brackets.</source>
            <translation>这个地址中的服务器名不成立；请写成 rtsp://host/path，由数字和冒号组成的主机要放在方括号里。</translation>
        </message>
        <message>
            <source>The session {folder} cannot be written: {reason}; choose a folder that may be written to and has room.</source>
            <translation>无法写入会话 {folder}：{reason}；请选择可写入且有空间的文件夹。</translation>
        </message>
        <message>
            <source>The session {folder} is being written by another process; wait for its end or end it.</source>
            <translation>另一个进程正在写入会话 {folder}；请等它结束，或结束它。</translation>
        </message>
        <message>
            <source>The setting 'preset' is empty; give a preset or a file of weights.</source>
            <translation>设置“preset”是空的；请给出预设或权重文件。</translation>
        </message>
        <message>
            <source>The setting '{name}' cannot be {value!r}.</source>
            <translation>设置“{name}”不能是 {value!r}。</translation>
        </message>
        <message>
            <source>The setting '{name}' cannot be {value!r}; choose one of {known}.</source>
            <translation>设置“{name}”不能是 {value!r}；请从 {known} 中选择。</translation>
        </message>
        <message>
            <source>The setting '{name}' must be between {low:g} and {high:g}.</source>
            <translation>设置“{name}”必须在 {low:g} 和 {high:g} 之间。</translation>
        </message>
        <message>
            <source>The setting {name} of the tracker cannot be {value!r}; {usual} is usual.</source>
            <translation>跟踪器的设置 {name} 不能为 {value!r}；通常为 {usual}。</translation>
        </message>
        <message>
            <source>The settings cannot be written to {path} ({reason}); they hold until the program ends.</source>
            <translation>无法把设置写入 {path}（{reason}）；它们在程序结束之前有效。</translation>
        </message>
        <message>
            <source>The settings in {path} are damaged; the defaults are used until you save settings again.</source>
            <translation>{path} 中的设置已损坏；在你重新保存设置之前使用默认值。</translation>
        </message>
        <message>
            <source>The settings in {path} cannot be read ({reason}); the defaults are used until you save settings again.</source>
            <translation>无法读取 {path} 中的设置（{reason}）；在你重新保存设置之前使用默认值。</translation>
        </message>
        <message>
            <source>The source {path} cannot be read: {reason}.</source>
            <translation>无法读取来源 {path}：{reason}。</translation>
        </message>
        <message>
            <source>The stream {name}</source>
            <translation>网络流 {name}</translation>
        </message>
        <message>
            <source>The stream {name} broke off ({why}).</source>
            <translation>网络流 {name} 已中断（{why}）。</translation>
        </message>
        <message>
            <source>The stream {name} broke off after frame {last} of {count}; check the connection and start again with --start.</source>
            <translation>网络流 {name} 在第 {last} 帧之后中断（共 {count} 帧）；请检查连接，并用 --start 重新开始。</translation>
        </message>
        <message>
            <source>The stream {name} broke off after frame {last}; check the connection and start again with --start.</source>
            <translation>网络流 {name} 在第 {last} 帧之后中断；请检查连接，并用 --start 重新开始。</translation>
        </message>
        <message>
            <source>The stream {name} cannot be decoded ({why}).</source>
            <translation>无法解码网络流 {name}（{why}）。</translation>
        </message>
        <message>
            <source>The stream {name} cannot be opened ({why}); {hint}.</source>
            <translation>无法打开网络流 {name}（{why}）；{hint}。</translation>
        </message>
        <message>
            <source>The stream {name} cannot be opened within {seconds:g} seconds; {hint}.</source>
            <translation>无法在 {seconds:g} 秒内打开网络流 {name}；{hint}。</translation>
        </message>
        <message>
            <source>The stream {name} has pictures that are too large; {hint}.</source>
            <translation>网络流 {name} 的画面太大；{hint}。</translation>
        </message>
        <message>
            <source>The stream {name} holds no picture; {hint}.</source>
            <translation>网络流 {name} 中没有画面；{hint}。</translation>
        </message>
        <message>
            <source>The stream {name} holds no video; {hint}.</source>
            <translation>网络流 {name} 中没有视频；{hint}。</translation>
        </message>
        <message>
            <source>The stream {name} sends pictures of {size:.0f} MB.</source>
            <translation>网络流 {name} 传来的画面有 {size:.0f} MB。</translation>
        </message>
        <message>
            <source>The table {path} cannot be read: {why}.</source>
            <translation>无法读取表格 {path}：{why}。</translation>
        </message>
        <message>
            <source>The table {path} cannot be written: {reason}; choose a folder that exists, may be written to and has room.</source>
            <translation>无法写入表格 {path}：{reason}；请选择存在、可写入且有空间的文件夹。</translation>
        </message>
        <message>
            <source>The table {path} cannot be written: {reason}; the rows so far are in {part}; choose a folder that exists, may be written to and has room.</source>
            <translation>无法写入表格 {path}：{reason}；已有的行在 {part} 中；请选择存在、可写入且有空间的文件夹。</translation>
        </message>
        <message>
            <source>The table {path} lacks columns; needed are {columns}.</source>
            <translation>表格 {path} 缺少列；需要的有 {columns}。</translation>
        </message>
        <message>
            <source>The time {time} of a frame is not finite; give seconds.</source>
            <translation>帧的时间 {time} 不是有限的值；时间须以秒计。</translation>
        </message>
        <message>
            <source>The tracker broke ({kind}: {why}); draw the boxes again to go on.</source>
            <translation>跟踪器出错（{kind}：{why}）；请重新画框以继续。</translation>
        </message>
        <message>
            <source>The tracker broke ({kind}: {why}); it goes on on the CPU.</source>
            <translation>跟踪器出错（{kind}：{why}）；已改在 CPU 上继续。</translation>
        </message>
        <message>
            <source>The tracker cannot be loaded ({kind}: {error}); run `spacetime-tracker doctor` to see what is missing.</source>
            <translation>无法加载跟踪器（{kind}：{error}）；请运行 `spacetime-tracker doctor` 查看缺少什么。</translation>
        </message>
        <message>
            <source>The video {name} cannot be played from its server; download it and open the file.</source>
            <translation>无法直接从服务器播放视频 {name}；请先下载，再打开该文件。</translation>
        </message>
        <message>
            <source>The video {path} cannot be recovered: {why}.</source>
            <translation>无法恢复视频 {path}：{why}。</translation>
        </message>
        <message>
            <source>The video {path} cannot be written: {why}; choose a folder that exists, may be written to and has room.</source>
            <translation>无法写入视频 {path}：{why}；请选择存在、可写入且有空间的文件夹。</translation>
        </message>
        <message>
            <source>The video {path} holds no frame; it may be damaged or empty.</source>
            <translation>视频 {path} 中没有帧；它可能已损坏或是空的。</translation>
        </message>
        <message>
            <source>The video {path} is being recorded already; choose another name.</source>
            <translation>视频 {path} 正在录制中；请换一个名称。</translation>
        </message>
        <message>
            <source>The video {path} is damaged or cut off after frame {last}; everything up to there was used.</source>
            <translation>视频 {path} 在第 {last} 帧之后损坏或中断；在此之前的内容都已使用。</translation>
        </message>
        <message>
            <source>The video {path} is damaged: no frame of it can be decoded.</source>
            <translation>视频 {path} 已损坏：没有一帧能解码。</translation>
        </message>
        <message>
            <source>The weights {path} cannot be read ({error}); give a whole .safetensors file.</source>
            <translation>无法读取权重 {path}（{error}）；请给出完整的 .safetensors 文件。</translation>
        </message>
        <message>
            <source>The weights {path} cannot be written ({error}); make room, or choose another folder.</source>
            <translation>无法写入权重 {path}（{error}）；请腾出空间，或选择其他文件夹。</translation>
        </message>
        <message>
            <source>The weights {path} do not fit the network they name ({reason}); train or fetch them again.</source>
            <translation>权重 {path} 与其所属的网络不符（{reason}）；请重新训练或获取。</translation>
        </message>
        <message>
            <source>The weights {path} do not have the checksum they were shipped with; reinstall spacetime-tracker.</source>
            <translation>权重 {path} 与附带的校验和不符；请重新安装 spacetime-tracker。</translation>
        </message>
        <message>
            <source>The weights {path} do not match the checksum in {name}; copy both again from where they came from.</source>
            <translation>权重 {path} 与 {name} 中的校验和不符；请从原处重新复制这两个文件。</translation>
        </message>
        <message>
            <source>The weights {path} hold values that are not finite; train them again.</source>
            <translation>权重 {path} 中有非有限的值；请重新训练。</translation>
        </message>
        <message>
            <source>The weights {path} were made for preset {made_for!r}, not {expect!r}; choose --preset {made_for} or other weights.</source>
            <translation>权重 {path} 属于预设 {made_for!r}，不是 {expect!r}；请选择 --preset {made_for} 或其他权重。</translation>
        </message>
        <message>
            <source>The weights {path} were made for preset {made_for!r}, which this version does not have; use weights of another version.</source>
            <translation>权重 {path} 属于预设 {made_for!r}，此版本没有该预设；请使用其他版本的权重。</translation>
        </message>
        <message>
            <source>The window is being closed.</source>
            <translation>窗口正在关闭。</translation>
        </message>
        <message>
            <source>There are no pictures here, so nothing can be followed.</source>
            <translation>这里没有画面，因此无法跟踪。</translation>
        </message>
        <message>
            <source>There are no weights at {path}; give the path of a .safetensors file.</source>
            <translation>{path} 处没有权重；请给出 .safetensors 文件的路径。</translation>
        </message>
        <message>
            <source>There is a journal {path} already; choose another folder.</source>
            <translation>已有日志 {path}；请选择其他文件夹。</translation>
        </message>
        <message>
            <source>There is no camera {index}; plug it in, or see `spacetime-tracker doctor` for those that work.</source>
            <translation>没有摄像头 {index}；请插上它，或用 `spacetime-tracker doctor` 查看可用的摄像头。</translation>
        </message>
        <message>
            <source>There is no device {name!r}; choose one of {known}.</source>
            <translation>没有设备 {name!r}；请从 {known} 中选择。</translation>
        </message>
        <message>
            <source>There is no display.</source>
            <translation>没有显示器。</translation>
        </message>
        <message>
            <source>There is no file {path}; check the name and the folder.</source>
            <translation>没有文件 {path}；请检查文件名和文件夹。</translation>
        </message>
        <message>
            <source>There is no format {format!r}; choose one of {known}.</source>
            <translation>没有格式 {format!r}；请从 {known} 中选择。</translation>
        </message>
        <message>
            <source>There is no frame {index} in {name}.</source>
            <translation>{name} 中没有第 {index} 帧。</translation>
        </message>
        <message>
            <source>There is no frame {index} in {name}; it has {count}, counted from 0.</source>
            <translation>{name} 中没有第 {index} 帧；它共有 {count} 帧，从 0 数起。</translation>
        </message>
        <message>
            <source>There is no picture of {name} yet.</source>
            <translation>{name} 还没有画面。</translation>
        </message>
        <message>
            <source>There is no precision {name!r}; choose {known}.</source>
            <translation>没有精度 {name!r}；请选择 {known}。</translation>
        </message>
        <message>
            <source>There is no preset {name!r}; choose one of {known}.</source>
            <translation>没有预设 {name!r}；请从 {known} 中选择。</translation>
        </message>
        <message>
            <source>There is no runtime {runtime!r}; choose one of {known}.</source>
            <translation>没有运行时 {runtime!r}；请从 {known} 中选择。</translation>
        </message>
        <message>
            <source>There is no setting {name!r} of the tracker.</source>
            <translation>跟踪器没有名为 {name!r} 的设置。</translation>
        </message>
        <message>
            <source>There is no target {target}; there are {ids}.</source>
            <translation>没有目标 {target}；现有的是 {ids}。</translation>
        </message>
        <message>
            <source>There is not enough memory for this export; choose a shorter range.</source>
            <translation>内存不足，无法完成此导出；请选择较短的范围。</translation>
        </message>
        <message>
            <source>This ViT does not fit the network ({reason}).</source>
            <translation>此 ViT 与网络不符（{reason}）。</translation>
        </message>
        <message>
            <source>This ViT does not fit: the network needs a patch embedding of the same shape.</source>
            <translation>此 ViT 不符：网络需要形状相同的 patch embedding。</translation>
        </message>
        <message>
            <source>This ViT has {found} attention heads, the network {wanted}.</source>
            <translation>此 ViT 有 {found} 个注意力头，网络有 {wanted} 个。</translation>
        </message>
        <message>
            <source>This ViT has {found} blocks, the network {wanted}.</source>
            <translation>此 ViT 有 {found} 层，网络有 {wanted} 层。</translation>
        </message>
        <message>
            <source>This machine has no device 'mps'; use --device cpu.</source>
            <translation>本机没有设备“mps”；请使用 --device cpu。</translation>
        </message>
        <message>
            <source>This machine has no device {name!r}; use --device cpu.</source>
            <translation>本机没有设备 {name!r}；请使用 --device cpu。</translation>
        </message>
        <message>
            <source>This memory of a target has {own} slots for frames, the tracker has {wanted}; give both the same number.</source>
            <translation>此目标的记忆有 {own} 个记忆位，跟踪器有 {wanted} 个；请让两者相同。</translation>
        </message>
        <message>
            <source>This memory of a target is of frames of {own_width}×{own_height} pixels, the tracker follows in frames of {width}×{height}.</source>
            <translation>此目标的记忆来自 {own_width}×{own_height} 像素的帧，而跟踪器在 {width}×{height} 的帧中跟踪。</translation>
        </message>
        <message>
            <source>This memory of a target was made by a network of another shape; only a tracker with the same weights can go on from it.</source>
            <translation>此目标的记忆来自另一种结构的网络；只有权重相同的跟踪器才能接着使用。</translation>
        </message>
        <message>
            <source>This source gives its frames in order only, so frame {index} cannot be gone to.</source>
            <translation>此来源只能按顺序给出帧，因此无法转到第 {index} 帧。</translation>
        </message>
        <message>
            <source>Tracking anew stopped by a fault of the program ({kind}: {error}).</source>
            <translation>重新跟踪因程序错误而停止（{kind}：{error}）。</translation>
        </message>
        <message>
            <source>What the frames in {path} belong to cannot be read; they stay there as they are.</source>
            <translation>无法读取 {path} 中的帧属于哪个录像；它们原样留在那里。</translation>
        </message>
        <message>
            <source>Where a target was not tracked it is not hidden: {places}.</source>
            <translation>未跟踪到目标的地方没有遮挡：{places}。</translation>
        </message>
        <message>
            <source>`spacetime-tracker track` and `demo --headless` need none</source>
            <translation>`spacetime-tracker track` 和 `demo --headless` 不需要显示器</translation>
        </message>
        <message>
            <source>a line must be an object</source>
            <translation>每行必须是一个对象</translation>
        </message>
        <message>
            <source>a line needs frame,id,x,y,w,h at least</source>
            <translation>每行至少需要 frame,id,x,y,w,h</translation>
        </message>
        <message>
            <source>a value of frame {frame} is out of bounds</source>
            <translation>第 {frame} 帧有超出范围的值</translation>
        </message>
        <message>
            <source>a window can be opened</source>
            <translation>可以打开窗口</translation>
        </message>
        <message>
            <source>another target is there</source>
            <translation>该处是另一个目标</translation>
        </message>
        <message>
            <source>another window is writing it</source>
            <translation>另一个窗口正在写入</translation>
        </message>
        <message>
            <source>camera</source>
            <translation>摄像头</translation>
        </message>
        <message>
            <source>camera {number}</source>
            <translation>摄像头 {number}</translation>
        </message>
        <message>
            <source>check the address and that a video player can play it</source>
            <translation>请检查地址，并确认视频播放器能播放它</translation>
        </message>
        <message>
            <source>corrected</source>
            <translation>已修正</translation>
        </message>
        <message>
            <source>device</source>
            <translation>设备</translation>
        </message>
        <message>
            <source>display</source>
            <translation>显示器</translation>
        </message>
        <message>
            <source>does not answer within 15 seconds</source>
            <translation>15 秒内没有应答</translation>
        </message>
        <message>
            <source>does not work here: {why}</source>
            <translation>在此无法工作：{why}</translation>
        </message>
        <message>
            <source>drawing</source>
            <translation>绘制</translation>
        </message>
        <message>
            <source>encoder {codec}</source>
            <translation>编码器 {codec}</translation>
        </message>
        <message>
            <source>encodes and decodes</source>
            <translation>能编码和解码</translation>
        </message>
        <message>
            <source>found again</source>
            <translation>已找回</translation>
        </message>
        <message>
            <source>frame {frame} of a target comes after frame {last}</source>
            <translation>目标的帧顺序有误：第 {frame} 帧排在第 {last} 帧之后</translation>
        </message>
        <message>
            <source>frame {number} is outside 0…{last}</source>
            <translation>第 {number} 帧不在 0…{last} 之内</translation>
        </message>
        <message>
            <source>given</source>
            <translation>由你画出</translation>
        </message>
        <message>
            <source>gives no frame; it may be in use</source>
            <translation>没有画面；可能正在被使用</translation>
        </message>
        <message>
            <source>install Python {oldest} or newer</source>
            <translation>请安装 Python {oldest} 或更新的版本</translation>
        </message>
        <message>
            <source>it cannot be locked</source>
            <translation>无法锁定</translation>
        </message>
        <message>
            <source>it is a folder</source>
            <translation>它是文件夹</translation>
        </message>
        <message>
            <source>it is in {found}, not float32</source>
            <translation>它是 {found}，不是 float32</translation>
        </message>
        <message>
            <source>it is not text</source>
            <translation>它不是文本</translation>
        </message>
        <message>
            <source>it stands on {device}, not on the CPU</source>
            <translation>它在 {device} 上，不在 CPU 上</translation>
        </message>
        <message>
            <source>its backbone is not known</source>
            <translation>未知的主干网络</translation>
        </message>
        <message>
            <source>its source broke</source>
            <translation>来源已中断</translation>
        </message>
        <message>
            <source>its time attention does not look at every place</source>
            <translation>它的时间注意力没有看向每个位置</translation>
        </message>
        <message>
            <source>label, state and reason must be text</source>
            <translation>label、state 和 reason 必须是文本</translation>
        </message>
        <message>
            <source>leaving the frame</source>
            <translation>正在离开画面</translation>
        </message>
        <message>
            <source>libraries not found: {names}</source>
            <translation>找不到库：{names}</translation>
        </message>
        <message>
            <source>low score</source>
            <translation>得分低</translation>
        </message>
        <message>
            <source>no answer</source>
            <translation>没有应答</translation>
        </message>
        <message>
            <source>no answer in time</source>
            <translation>应答超时</translation>
        </message>
        <message>
            <source>none found; files, folders and streams work without</source>
            <translation>没有找到；文件、文件夹和网络流不受影响</translation>
        </message>
        <message>
            <source>none installed</source>
            <translation>没有安装</translation>
        </message>
        <message>
            <source>not in this build of FFmpeg</source>
            <translation>此 FFmpeg 版本不包含</translation>
        </message>
        <message>
            <source>score stayed low</source>
            <translation>得分持续偏低</translation>
        </message>
        <message>
            <source>searching the whole frame</source>
            <translation>正在整帧中搜索</translation>
        </message>
        <message>
            <source>second peak</source>
            <translation>有第二个峰值</translation>
        </message>
        <message>
            <source>see `spacetime-tracker doctor` for cameras that work, and close other programs that use this one</source>
            <translation>请用 `spacetime-tracker doctor` 查看可用的摄像头，并关闭正在使用此摄像头的其他程序</translation>
        </message>
        <message>
            <source>set 'drawn by' to CPU in the settings of the window</source>
            <translation>在窗口的设置中把“绘制方式”设为 CPU</translation>
        </message>
        <message>
            <source>start the machine anew, or use --device cpu</source>
            <translation>请重新启动电脑，或使用 --device cpu</translation>
        </message>
        <message>
            <source>start the program within a desktop session, under X11 where Wayland forbids capture</source>
            <translation>请在桌面会话中启动程序；如果 Wayland 禁止捕获，请改用 X11</translation>
        </message>
        <message>
            <source>target {number}</source>
            <translation>目标 {number}</translation>
        </message>
        <message>
            <source>the columns of a target differ in length</source>
            <translation>目标的各列长度不同</translation>
        </message>
        <message>
            <source>the driver of the graphics card fails; the CPU should draw the picture</source>
            <translation>显卡驱动程序出错；应由 CPU 绘制画面</translation>
        </message>
        <message>
            <source>the frame</source>
            <translation>帧</translation>
        </message>
        <message>
            <source>the grids of its crops do not fit</source>
            <translation>裁剪区域的网格不符</translation>
        </message>
        <message>
            <source>the network gave no number</source>
            <translation>网络没有给出数值</translation>
        </message>
        <message>
            <source>the network's MLP ratio is out of bounds</source>
            <translation>网络的 MLP 比例超出范围</translation>
        </message>
        <message>
            <source>the network's size is out of bounds</source>
            <translation>网络的大小超出范围</translation>
        </message>
        <message>
            <source>the picture</source>
            <translation>画面</translation>
        </message>
        <message>
            <source>the reach of its time attention is out of bounds</source>
            <translation>时间注意力的范围超出限度</translation>
        </message>
        <message>
            <source>the scale is no length</source>
            <translation>比例尺不是长度</translation>
        </message>
        <message>
            <source>the shape of its crops is out of bounds</source>
            <translation>裁剪区域的形状超出范围</translation>
        </message>
        <message>
            <source>the size of its frames is out of bounds</source>
            <translation>帧的大小超出范围</translation>
        </message>
        <message>
            <source>the waiting frame {path} is cut off or damaged</source>
            <translation>等待写入的帧 {path} 不完整或已损坏</translation>
        </message>
        <message>
            <source>there is no OpenGL 2.0 or later; the CPU draws the picture</source>
            <translation>没有 OpenGL 2.0 或更高版本；由 CPU 绘制画面</translation>
        </message>
        <message>
            <source>this format needs a file of its own</source>
            <translation>此格式需要单独的文件</translation>
        </message>
        <message>
            <source>two targets have one number</source>
            <translation>两个目标的编号相同</translation>
        </message>
        <message>
            <source>unlike the first template</source>
            <translation>与最初的模板不像</translation>
        </message>
        <message>
            <source>weights</source>
            <translation>权重</translation>
        </message>
        <message>
            <source>weights {preset}</source>
            <translation>权重 {preset}</translation>
        </message>
        <message>
            <source>{box} is no box</source>
            <translation>{box} 不是框</translation>
        </message>
        <message>
            <source>{card} is no graphics card; the CPU draws the picture</source>
            <translation>{card} 不是显卡；由 CPU 绘制画面</translation>
        </message>
        <message>
            <source>{decoded} of {count} frames decode</source>
            <translation>{count} 帧中有 {decoded} 帧能解码</translation>
        </message>
        <message>
            <source>{heads} heads do not divide {dim} channels</source>
            <translation>{dim} 个通道不能由 {heads} 个头均分</translation>
        </message>
        <message>
            <source>{name} after frame {end}</source>
            <translation>{name} 在第 {end} 帧之后</translation>
        </message>
        <message>
            <source>{name} before frame {begin}</source>
            <translation>{name} 在第 {begin} 帧之前</translation>
        </message>
        <message>
            <source>{name} before frame {begin} and after frame {end}</source>
            <translation>{name} 在第 {begin} 帧之前和第 {end} 帧之后</translation>
        </message>
        <message>
            <source>{name} can hold one box per frame, and frame {frame} has several; take all but one out of the table that is read.</source>
            <translation>{name} 每帧只能容纳一个框，而第 {frame} 帧有多个；请在被读取的表格中只保留一个。</translation>
        </message>
        <message>
            <source>{name} can hold one target only, in the text of OTB and GOT-10k, and {one} and {other} were given; write CSV, JSONL, MOT or COCO, or convert one with --target.</source>
            <translation>{name} 采用 OTB 和 GOT-10k 的文本格式，只能容纳一个目标，但给出了 {one} 和 {other}；请写为 CSV、JSONL、MOT 或 COCO，或用 --target 只转换一个。</translation>
        </message>
        <message>
            <source>{name} gave no picture for {seconds:.0f} seconds.</source>
            <translation>{name}：已有 {seconds:.0f} 秒没有画面。</translation>
        </message>
        <message>
            <source>{name} gave no picture for {seconds:g} seconds after frame {last}; {hint}.</source>
            <translation>{name}：第 {last} 帧之后已有 {seconds:g} 秒没有画面；{hint}。</translation>
        </message>
        <message>
            <source>{name} gives no picture within {seconds:g} seconds; {hint}.</source>
            <translation>{name}：{seconds:g} 秒内没有画面；{hint}。</translation>
        </message>
        <message>
            <source>{name} has another shape</source>
            <translation>{name} 的形状不同</translation>
        </message>
        <message>
            <source>{name} has ended.</source>
            <translation>{name}：已中断。</translation>
        </message>
        <message>
            <source>{name} has no frame in this range; choose another range.</source>
            <translation>{name} 在此范围内没有帧；请选择其他范围。</translation>
        </message>
        <message>
            <source>{name} in no frame</source>
            <translation>{name} 在所有帧中</translation>
        </message>
        <message>
            <source>{name} is missing</source>
            <translation>缺少 {name}</translation>
        </message>
        <message>
            <source>{name} is no longer at {path}; choose where it is now.</source>
            <translation>{name} 已不在 {path}；请选择它现在的位置。</translation>
        </message>
        <message>
            <source>{name} is no name for this format; end it in {known}.</source>
            <translation>文件名 {name} 不适合此格式；请以 {known} 结尾。</translation>
        </message>
        <message>
            <source>{name} is not part of it</source>
            <translation>{name} 不属于它</translation>
        </message>
        <message>
            <source>{name} is the source itself; give the export another name or folder.</source>
            <translation>{name} 就是来源本身；请给导出换一个名称或文件夹。</translation>
        </message>
        <message>
            <source>{name} opens but gives no picture; {hint}.</source>
            <translation>{name}：可以打开，但没有画面；{hint}。</translation>
        </message>
        <message>
            <source>{name} sends no picture.</source>
            <translation>{name}：没有画面传来。</translation>
        </message>
        <message>
            <source>{name} shows nothing but black.</source>
            <translation>{name}：画面全黑。</translation>
        </message>
        <message>
            <source>{name} shows the very same picture all the time.</source>
            <translation>{name}：画面静止不变。</translation>
        </message>
        <message>
            <source>{name} was black for {seconds:.0f} seconds.</source>
            <translation>{name}：画面全黑了 {seconds:.0f} 秒。</translation>
        </message>
        <message>
            <source>{name} was frozen for {seconds:.0f} seconds.</source>
            <translation>{name}：画面静止了 {seconds:.0f} 秒。</translation>
        </message>
        <message>
            <source>{name} was live, so its pictures are gone; the boxes can be looked at and exported as tables.</source>
            <translation>{name} 是实时来源，画面已不存在；仍可查看目标框并导出为表格。</translation>
        </message>
        <message>
            <source>{number} is a detection that belongs to no target</source>
            <translation>{number} 是不属于任何目标的检测结果</translation>
        </message>
        <message>
            <source>{number} is no number of a frame</source>
            <translation>{number} 不是帧编号</translation>
        </message>
        <message>
            <source>{number} is no number of a target</source>
            <translation>{number} 不是目标编号</translation>
        </message>
        <message>
            <source>{one}, {two}</source>
            <translation>{one}；{two}</translation>
        </message>
        <message>
            <source>{path} has several boxes of one target in an image; give each its track_id.</source>
            <translation>{path} 在一张图片中有同一目标的多个框；请给每个框各自的 track_id。</translation>
        </message>
        <message>
            <source>{path} holds several videos; split it into one file per video.</source>
            <translation>{path} 中有多个视频；请拆分为每个视频一个文件。</translation>
        </message>
        <message>
            <source>{path} is a folder; give the export a name in it.</source>
            <translation>{path} 是文件夹；请给导出在其中取一个文件名。</translation>
        </message>
        <message>
            <source>{path} is no table of boxes in a known format; known are {known}, and --from names it.</source>
            <translation>{path} 不是已知格式的目标框表格；支持的有 {known}，可用 --from 指明。</translation>
        </message>
        <message>
            <source>{path} is not COCO as it should be: {error} is missing.</source>
            <translation>{path} 不是规范的 COCO：缺少 {error}。</translation>
        </message>
        <message>
            <source>{path} is not COCO as it should be: {error}.</source>
            <translation>{path} 不是规范的 COCO：{error}。</translation>
        </message>
        <message>
            <source>{path} is not what {name} was when the project was saved; its boxes may not fit.</source>
            <translation>{path} 与保存项目时的 {name} 不同；目标框可能对不上。</translation>
        </message>
        <message>
            <source>{path} must hold {count} whole numbers from 0 to {largest}, one per frame.</source>
            <translation>{path} 必须有 {count} 个从 0 到 {largest} 的整数，每帧一个。</translation>
        </message>
        <message>
            <source>{problem} The video is recorded on, but a crash would lose its boxes.</source>
            <translation>{problem}视频会继续录制，但程序若崩溃会丢失目标框。</translation>
        </message>
        <message>
            <source>{problem}; `spacetime-tracker track` and `demo --headless` work without.</source>
            <translation>{problem}；`spacetime-tracker track` 和 `demo --headless` 不需要显示器。</translation>
        </message>
        <message>
            <source>{text!r} is not a whole number</source>
            <translation>{text!r} 不是整数</translation>
        </message>
        <message>
            <source>{value!r} is not finite</source>
            <translation>{value!r} 不是有限的值</translation>
        </message>
        <message>
            <source>{version} on {system}</source>
            <translation>{version}，{system}</translation>
        </message>
        <message>
            <source>{width}×{height} at {rate:g} fps</source>
            <translation>{width}×{height}，每秒 {rate:g} 帧</translation>
        </message>
    </context>
    <context>
        <name>SettingsDialog</name>
        <message>
            <source>Settings</source>
            <translation>设置</translation>
        </message>
        <message>
            <source>Apply these settings, keep them, and close</source>
            <translation>应用并保存这些设置，然后关闭</translation>
        </message>
        <message>
            <source>Apply these settings and keep them</source>
            <translation>应用并保存这些设置</translation>
        </message>
        <message>
            <source>Close without applying anything further</source>
            <translation>关闭，不再应用任何更改</translation>
        </message>
        <message>
            <source>Show the settings of a first start in every tab</source>
            <translation>在每个选项卡中显示首次启动时的设置</translation>
        </message>
        <message>
            <source>As the model has</source>
            <translation>由模型决定</translation>
        </message>
        <message>
            <source>'Lost below' is above 'uncertain below'; lower it to that or less.</source>
            <translation>“丢失阈值”高于“不确定阈值”；请把它降到后者或更低。</translation>
        </message>
    </context>
    <context>
        <name>SettingsTexts</name>
        <message>
            <source>Model</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>Tracking</source>
            <translation>跟踪</translation>
        </message>
        <message>
            <source>Picture</source>
            <translation>画面</translation>
        </message>
        <message>
            <source>Recording</source>
            <translation>录像</translation>
        </message>
        <message>
            <source>Language and look</source>
            <translation>语言和外观</translation>
        </message>
        <message>
            <source>Applies at once.</source>
            <translation>立即生效。</translation>
        </message>
        <message>
            <source>Applies at once; what is followed is followed further.</source>
            <translation>立即生效；正在跟踪的目标会继续跟踪。</translation>
        </message>
        <message>
            <source>Applies to the next recording.</source>
            <translation>下次录像时生效。</translation>
        </message>
        <message>
            <source>&amp;Device:</source>
            <translation>设备(&amp;D)：</translation>
        </message>
        <message>
            <source>&amp;Precision:</source>
            <translation>精度(&amp;P)：</translation>
        </message>
        <message>
            <source>&amp;Model:</source>
            <translation>模型(&amp;M)：</translation>
        </message>
        <message>
            <source>Frames in the &amp;memory:</source>
            <translation>记忆的帧数(&amp;M)：</translation>
        </message>
        <message>
            <source>&amp;Update the memory every:</source>
            <translation>记忆更新间隔(&amp;U)：</translation>
        </message>
        <message>
            <source>Remember at a &amp;score of:</source>
            <translation>记忆的最低得分(&amp;S)：</translation>
        </message>
        <message>
            <source>U&amp;ncertain below:</source>
            <translation>不确定阈值(&amp;N)：</translation>
        </message>
        <message>
            <source>&amp;Lost below:</source>
            <translation>丢失阈值(&amp;L)：</translation>
        </message>
        <message>
            <source>Show &amp;scores</source>
            <translation>显示得分(&amp;S)</translation>
        </message>
        <message>
            <source>Show &amp;trails</source>
            <translation>显示轨迹(&amp;T)</translation>
        </message>
        <message>
            <source>Trail &amp;length:</source>
            <translation>轨迹长度(&amp;L)：</translation>
        </message>
        <message>
            <source>Show the search &amp;region</source>
            <translation>显示搜索区域(&amp;R)</translation>
        </message>
        <message>
            <source>Show the r&amp;esponse map</source>
            <translation>显示响应图(&amp;E)</translation>
        </message>
        <message>
            <source>&amp;Drawn by:</source>
            <translation>绘制方式(&amp;D)：</translation>
        </message>
        <message>
            <source>&amp;Content:</source>
            <translation>内容(&amp;C)：</translation>
        </message>
        <message>
            <source>&amp;Folder:</source>
            <translation>文件夹(&amp;F)：</translation>
        </message>
        <message>
            <source>&amp;Language:</source>
            <translation>语言(&amp;L)：</translation>
        </message>
        <message>
            <source>&amp;Theme:</source>
            <translation>主题(&amp;T)：</translation>
        </message>
        <message>
            <source> frames</source>
            <translation> 帧</translation>
        </message>
        <message>
            <source>What the network runs on. Automatic takes a graphics card where there is one.</source>
            <translation>网络在哪里运行。“自动”会在有显卡时使用显卡。</translation>
        </message>
        <message>
            <source>Number format of the network. Shorter ones are faster on graphics cards and hardly less exact; on a CPU float32 is best.</source>
            <translation>网络的数值格式。较短的格式在显卡上更快，精度几乎不变；在 CPU 上 float32 最好。</translation>
        </message>
        <message>
            <source>The network and its weights. Small follows best; nano needs less computing.</source>
            <translation>网络及其权重。Small 跟踪最准；nano 计算量更小。</translation>
        </message>
        <message>
            <source>How many frames of each target are remembered, the first box among them. More help where a target changes its looks, and cost time.</source>
            <translation>每个目标记忆多少帧，包括最初的框。目标外观变化时帧数多更好，但更费时。</translation>
        </message>
        <message>
            <source>After how many frames a new one may enter the memory. Fewer follow quick changes; more keep older looks for longer.</source>
            <translation>每隔多少帧可有新帧进入记忆。间隔小能跟上快速变化；间隔大能更久地保留旧外观。</translation>
        </message>
        <message>
            <source>Only frames with at least this score (0 to 1) enter the memory. Lower values remember more, and more mistakes.</source>
            <translation>只有得分不低于此值（0 到 1）的帧才进入记忆。值越低记得越多，错误也越多。</translation>
        </message>
        <message>
            <source>A target with a score below this (0 to 1) is uncertain: its box is dashed and a wider region is searched.</source>
            <translation>得分低于此值（0 到 1）的目标为不确定：框变为虚线，并搜索更大的区域。</translation>
        </message>
        <message>
            <source>A target that stays below this score (0 to 1) for a while is lost: the whole frame is searched for it.</source>
            <translation>得分持续低于此值（0 到 1）的目标为丢失：会在整帧中搜索它。</translation>
        </message>
        <message>
            <source>Write the score of each target beside its box.</source>
            <translation>在每个目标的框旁写出得分。</translation>
        </message>
        <message>
            <source>Draw the way that each target came.</source>
            <translation>画出每个目标走过的路径。</translation>
        </message>
        <message>
            <source>Over how many frames a trail reaches back.</source>
            <translation>轨迹向前追溯多少帧。</translation>
        </message>
        <message>
            <source>Draw the region in which each target was looked for, on the frame tracked last.</source>
            <translation>在最近跟踪的一帧上画出查找每个目标的区域。</translation>
        </message>
        <message>
            <source>Lay over the frame tracked last where the network sees the target, and how surely. Costs time.</source>
            <translation>在最近跟踪的一帧上叠加显示网络认为目标所在的位置及其把握程度。会增加耗时。</translation>
        </message>
        <message>
            <source>What scales the picture and draws what is over it. A graphics card leaves the CPU to the network; automatic takes one where it is not emulated.</source>
            <translation>由谁缩放画面并绘制其上的内容。用显卡绘制可将 CPU 留给网络；“自动”会在显卡并非软件模拟时使用显卡。</translation>
        </message>
        <message>
            <source>What a recording shows: the picture with boxes, the picture as it came, or both in two files.</source>
            <translation>录像的内容：带框的画面、原始画面，或两者各存一个文件。</translation>
        </message>
        <message>
            <source>Where recordings are written. Empty means your folder of videos.</source>
            <translation>录像保存的位置。留空表示你的视频文件夹。</translation>
        </message>
        <message>
            <source>Language of menus, buttons and messages.</source>
            <translation>菜单、按钮和消息的语言。</translation>
        </message>
        <message>
            <source>Colours of the window; System follows the desktop.</source>
            <translation>窗口的颜色；“跟随系统”与桌面一致。</translation>
        </message>
        <message>
            <source>Automatic</source>
            <translation>自动</translation>
        </message>
        <message>
            <source>CPU</source>
            <translation>CPU</translation>
        </message>
        <message>
            <source>NVIDIA graphics card (CUDA)</source>
            <translation>NVIDIA 显卡（CUDA）</translation>
        </message>
        <message>
            <source>Apple graphics (MPS)</source>
            <translation>Apple 显卡（MPS）</translation>
        </message>
        <message>
            <source>Small (recommended)</source>
            <translation>Small（推荐）</translation>
        </message>
        <message>
            <source>Nano (fastest)</source>
            <translation>Nano（最快）</translation>
        </message>
        <message>
            <source>Base (largest)</source>
            <translation>Base（最大）</translation>
        </message>
        <message>
            <source>Graphics card (OpenGL)</source>
            <translation>显卡（OpenGL）</translation>
        </message>
        <message>
            <source>With boxes</source>
            <translation>带框</translation>
        </message>
        <message>
            <source>Without boxes</source>
            <translation>不带框</translation>
        </message>
        <message>
            <source>Both, in two files</source>
            <translation>两者，各存一个文件</translation>
        </message>
        <message>
            <source>As the system</source>
            <translation>跟随系统</translation>
        </message>
        <message>
            <source>System</source>
            <translation>跟随系统</translation>
        </message>
        <message>
            <source>Light</source>
            <translation>浅色</translation>
        </message>
        <message>
            <source>Dark</source>
            <translation>深色</translation>
        </message>
    </context>
    <context>
        <name>ShortcutsDialog</name>
        <message>
            <source>Keyboard shortcuts</source>
            <translation>键盘快捷键</translation>
        </message>
        <message>
            <source>Search for an action or a key</source>
            <translation>搜索操作或按键</translation>
        </message>
        <message>
            <source>Search</source>
            <translation>搜索</translation>
        </message>
        <message>
            <source>Part of what an action does, or of its keys</source>
            <translation>操作名称或按键的一部分</translation>
        </message>
        <message>
            <source>Action</source>
            <translation>操作</translation>
        </message>
        <message>
            <source>Keys</source>
            <translation>按键</translation>
        </message>
        <message>
            <source>No shortcut matches; try another word.</source>
            <translation>没有匹配的快捷键；请换个词。</translation>
        </message>
    </context>
    <context>
        <name>SourceQuestions</name>
        <message>
            <source>Projects ({pattern})</source>
            <translation>项目 ({pattern})</translation>
        </message>
        <message>
            <source>Videos ({pattern})</source>
            <translation>视频 ({pattern})</translation>
        </message>
        <message>
            <source>All files (*)</source>
            <translation>所有文件 (*)</translation>
        </message>
        <message>
            <source>Open video</source>
            <translation>打开视频</translation>
        </message>
        <message>
            <source>Open project</source>
            <translation>打开项目</translation>
        </message>
        <message>
            <source>Open folder of images</source>
            <translation>打开图片文件夹</translation>
        </message>
        <message>
            <source>Where is the source?</source>
            <translation>来源在哪里？</translation>
        </message>
        <message>
            <source>Without it the boxes can be looked at and exported as tables.</source>
            <translation>没有来源时，仍可查看目标框并导出为表格。</translation>
        </message>
        <message>
            <source>&amp;Choose…</source>
            <translation>选择(&amp;C)…</translation>
        </message>
        <message>
            <source>&amp;Without pictures</source>
            <translation>不使用画面(&amp;W)</translation>
        </message>
    </context>
    <context>
        <name>StartPage</name>
        <message>
            <source>Point at anything, watch it followed</source>
            <translation>指哪儿，跟哪儿</translation>
        </message>
        <message>
            <source>Open a video or a camera, then drag a box around what you want to follow. Add as many targets as you like, while it plays.</source>
            <translation>打开视频或摄像头，然后拖出一个框圈住要跟踪的东西。播放时可随时添加任意多个目标。</translation>
        </message>
        <message>
            <source>Drop a video, a folder of images or a project here</source>
            <translation>把视频、图片文件夹或项目拖放到这里</translation>
        </message>
        <message>
            <source>Open video…</source>
            <translation>打开视频…</translation>
        </message>
        <message>
            <source>A file, with every frame</source>
            <translation>视频文件，逐帧处理</translation>
        </message>
        <message>
            <source>Follow targets through a video file; every frame is looked at</source>
            <translation>在视频文件中跟踪目标；每一帧都会处理</translation>
        </message>
        <message>
            <source>Open folder…</source>
            <translation>打开文件夹…</translation>
        </message>
        <message>
            <source>Images in the order of their names</source>
            <translation>按名称顺序的图片</translation>
        </message>
        <message>
            <source>Follow targets through numbered images in a folder</source>
            <translation>在文件夹内编号的图片中跟踪目标</translation>
        </message>
        <message>
            <source>Open camera…</source>
            <translation>打开摄像头…</translation>
        </message>
        <message>
            <source>Live, from this computer</source>
            <translation>来自本机的实时画面</translation>
        </message>
        <message>
            <source>Choose a camera of this computer, its resolution and its rate</source>
            <translation>选择本机的摄像头及其分辨率和帧率</translation>
        </message>
        <message>
            <source>Open stream…</source>
            <translation>打开网络流…</translation>
        </message>
        <message>
            <source>RTSP or HTTP, from the network</source>
            <translation>来自网络的 RTSP 或 HTTP</translation>
        </message>
        <message>
            <source>Give the address of a network camera or of a video on a server</source>
            <translation>输入网络摄像头或服务器上视频的地址</translation>
        </message>
        <message>
            <source>Screen region…</source>
            <translation>屏幕区域…</translation>
        </message>
        <message>
            <source>What this screen shows</source>
            <translation>屏幕上显示的内容</translation>
        </message>
        <message>
            <source>Follow something on a screen, or on a part of it that you draw</source>
            <translation>在屏幕上或你画出的区域内跟踪目标</translation>
        </message>
        <message>
            <source>Try the demo</source>
            <translation>试试演示</translation>
        </message>
        <message>
            <source>A short clip, its target chosen</source>
            <translation>一段短片，目标已选好</translation>
        </message>
        <message>
            <source>Play a clip that comes with the program; its target is already chosen</source>
            <translation>播放程序自带的短片；目标已经选好</translation>
        </message>
        <message>
            <source>Start page</source>
            <translation>起始页</translation>
        </message>
    </context>
    <context>
        <name>StatusLine</name>
        <message>
            <source>{rate} updates/s</source>
            <translation>每秒更新 {rate} 次</translation>
        </message>
        <message>
            <source>{ms} ms to screen</source>
            <translation>显示延迟 {ms} ms</translation>
        </message>
        <message>
            <source>1 frame dropped</source>
            <translation>已丢弃 1 帧</translation>
        </message>
        <message>
            <source>{count} frames dropped</source>
            <translation>已丢弃 {count} 帧</translation>
        </message>
        <message>
            <source>How the pictures of the live source are</source>
            <translation>实时来源的画面状况</translation>
        </message>
        <message>
            <source>Frames of the live source that were left out to keep up</source>
            <translation>为跟上实时来源而略过的帧</translation>
        </message>
        <message>
            <source>Size of a frame, in pixels</source>
            <translation>帧的大小，以像素计</translation>
        </message>
        <message>
            <source>Pixels of the screen for one pixel of the frame</source>
            <translation>帧的一个像素对应的屏幕像素数</translation>
        </message>
        <message>
            <source>From the arrival of a frame (of a file: from when it is due) until it is on the screen with its boxes, mean of the last frames</source>
            <translation>从帧到达（文件则从应播放的时刻起）到连同目标框显示在屏幕上的时间，最近若干帧的平均值</translation>
        </message>
        <message>
            <source>How often the tracker looked at a frame within the last second</source>
            <translation>最近一秒内跟踪器处理帧的次数</translation>
        </message>
        <message>
            <source>The model, and what it runs on</source>
            <translation>模型及其运行设备</translation>
        </message>
        <message>
            <source>Opening…</source>
            <translation>正在打开…</translation>
        </message>
        <message>
            <source>Live</source>
            <translation>实时</translation>
        </message>
        <message>
            <source>Playing</source>
            <translation>播放中</translation>
        </message>
        <message>
            <source>Paused</source>
            <translation>已暂停</translation>
        </message>
        <message>
            <source>At the end; Space plays it again</source>
            <translation>已到结尾；按空格重新播放</translation>
        </message>
        <message>
            <source>Stopped</source>
            <translation>已停止</translation>
        </message>
        <message>
            <source>Looking back; G goes live</source>
            <translation>正在回看；按 G 回到实时</translation>
        </message>
        <message>
            <source>boxes only, the pictures are gone</source>
            <translation>只有目标框，画面已不存在</translation>
        </message>
        <message>
            <source>loading the model…</source>
            <translation>正在加载模型…</translation>
        </message>
        <message>
            <source>{model} on {device}</source>
            <translation>{model} · {device}</translation>
        </message>
        <message>
            <source>following #{target} anew, {percent} %</source>
            <translation>正在重新跟踪 #{target}，{percent} %</translation>
        </message>
        <message>
            <source>⚠ black pictures</source>
            <translation>⚠ 画面全黑</translation>
        </message>
        <message>
            <source>⚠ the same picture all the time</source>
            <translation>⚠ 画面静止不变</translation>
        </message>
        <message>
            <source>⚠ no pictures come</source>
            <translation>⚠ 没有画面传来</translation>
        </message>
        <message>
            <source>⚠ ended, trying again</source>
            <translation>⚠ 已中断，正在重试</translation>
        </message>
    </context>
    <context>
        <name>StreamDialog</name>
        <message>
            <source>Open stream</source>
            <translation>打开网络流</translation>
        </message>
        <message>
            <source>&amp;Address:</source>
            <translation>地址(&amp;A)：</translation>
        </message>
        <message>
            <source>The address of a network camera or of a video on a server, as a player takes it</source>
            <translation>网络摄像头或服务器上视频的地址，与播放器所用的相同</translation>
        </message>
        <message>
            <source>Address of the stream</source>
            <translation>网络流的地址</translation>
        </message>
        <message>
            <source>For example rtsp://user:password@camera/stream or https://server/video.m3u8. Passwords are not kept.</source>
            <translation>例如 rtsp://user:password@camera/stream 或 https://server/video.m3u8。密码不会被保存。</translation>
        </message>
        <message>
            <source>Connect to this address</source>
            <translation>连接到此地址</translation>
        </message>
        <message>
            <source>The server's name or port in this address cannot be; check them.</source>
            <translation>此地址中的服务器名或端口无效；请检查。</translation>
        </message>
        <message>
            <source>The address begins with its kind, such as rtsp:// or http://.</source>
            <translation>地址应以类型开头，例如 rtsp:// 或 http://。</translation>
        </message>
        <message>
            <source>Streams of the kind {kind} cannot be read; known are {known}.</source>
            <translation>无法读取 {kind} 类型的流；支持的有 {known}。</translation>
        </message>
        <message>
            <source>The name or number of the server is missing after {kind}.</source>
            <translation>{kind} 之后缺少服务器的名称或地址。</translation>
        </message>
        <message>
            <source>There is a space in the address; write %20 for it.</source>
            <translation>地址中有空格；请写成 %20。</translation>
        </message>
    </context>
    <context>
        <name>Strip</name>
        <message>
            <source>Details</source>
            <translation>详细信息</translation>
        </message>
        <message>
            <source>Show what a developer needs to know, to be copied</source>
            <translation>显示开发者需要的信息，可以复制</translation>
        </message>
        <message>
            <source>Dismiss</source>
            <translation>关闭</translation>
        </message>
        <message>
            <source>Hide this message</source>
            <translation>隐藏此消息</translation>
        </message>
    </context>
    <context>
        <name>TargetChoice</name>
        <message>
            <source>Targets</source>
            <translation>目标</translation>
        </message>
        <message>
            <source>Which targets to export; space ticks the chosen one</source>
            <translation>要导出的目标；按空格勾选当前项</translation>
        </message>
        <message>
            <source>Targets to export</source>
            <translation>要导出的目标</translation>
        </message>
    </context>
    <context>
        <name>TargetDelegate</name>
        <message>
            <source>Name of the target</source>
            <translation>目标的名称</translation>
        </message>
    </context>
    <context>
        <name>TargetMenu</name>
        <message>
            <source>Rename…</source>
            <translation>重命名…</translation>
        </message>
        <message>
            <source>Colour</source>
            <translation>颜色</translation>
        </message>
        <message>
            <source>Hide</source>
            <translation>隐藏</translation>
        </message>
        <message>
            <source>Remove</source>
            <translation>移除</translation>
        </message>
        <message>
            <source>Orange</source>
            <translation>橙色</translation>
        </message>
        <message>
            <source>Sky blue</source>
            <translation>天蓝色</translation>
        </message>
        <message>
            <source>Green</source>
            <translation>绿色</translation>
        </message>
        <message>
            <source>Yellow</source>
            <translation>黄色</translation>
        </message>
        <message>
            <source>Pink</source>
            <translation>粉色</translation>
        </message>
        <message>
            <source>Red</source>
            <translation>红色</translation>
        </message>
        <message>
            <source>Blue</source>
            <translation>蓝色</translation>
        </message>
        <message>
            <source>White</source>
            <translation>白色</translation>
        </message>
    </context>
    <context>
        <name>TargetModel</name>
        <message>
            <source>tracking</source>
            <translation>跟踪中</translation>
        </message>
        <message>
            <source>uncertain</source>
            <translation>不确定</translation>
        </message>
        <message>
            <source>lost</source>
            <translation>丢失</translation>
        </message>
        <message>
            <source>found again</source>
            <translation>已找回</translation>
        </message>
        <message>
            <source>not in this frame</source>
            <translation>不在此帧中</translation>
        </message>
        <message>
            <source>{frames} frames</source>
            <translation>{frames} 帧</translation>
        </message>
        <message>
            <source>1 frame</source>
            <translation>1 帧</translation>
        </message>
        <message>
            <source>{lost} lost</source>
            <translation>丢失 {lost} 帧</translation>
        </message>
        <message>
            <source>hidden</source>
            <translation>已隐藏</translation>
        </message>
        <message>
            <source>, </source>
            <translation>，</translation>
        </message>
    </context>
    <context>
        <name>TargetPanel</name>
        <message>
            <source>Targets</source>
            <translation>目标</translation>
        </message>
        <message>
            <source>F2 renames, Delete removes, the menu key offers more</source>
            <translation>F2 重命名，Delete 移除，菜单键显示更多操作</translation>
        </message>
        <message>
            <source>No targets yet.

Drag a box around anything in the picture to follow it.</source>
            <translation>还没有目标。

在画面中拖出一个框，圈住任何东西即可跟踪。</translation>
        </message>
        <message>
            <source>Remove the selected targets (Del)</source>
            <translation>移除所选目标 (Del)</translation>
        </message>
        <message>
            <source>Remove the selected targets</source>
            <translation>移除所选目标</translation>
        </message>
        <message>
            <source>Choose another colour</source>
            <translation>选择其他颜色</translation>
        </message>
        <message>
            <source>Remove this target</source>
            <translation>移除此目标</translation>
        </message>
        <message>
            <source>Hide in the picture</source>
            <translation>在画面中隐藏</translation>
        </message>
        <message>
            <source>Show in the picture</source>
            <translation>在画面中显示</translation>
        </message>
        <message>
            <source>1 target</source>
            <translation>1 个目标</translation>
        </message>
        <message>
            <source>{count} targets</source>
            <translation>{count} 个目标</translation>
        </message>
        <message>
            <source>Show</source>
            <translation>显示</translation>
        </message>
    </context>
    <context>
        <name>TimelineView</name>
        <message>
            <source>tracking</source>
            <translation>跟踪中</translation>
        </message>
        <message>
            <source>uncertain</source>
            <translation>不确定</translation>
        </message>
        <message>
            <source>lost</source>
            <translation>丢失</translation>
        </message>
        <message>
            <source>found again</source>
            <translation>已找回</translation>
        </message>
        <message>
            <source>hidden</source>
            <translation>已隐藏</translation>
        </message>
        <message>
            <source>working, {share} %</source>
            <translation>处理中，{share} %</translation>
        </message>
        <message>
            <source>not here</source>
            <translation>不在此处</translation>
        </message>
        <message>
            <source>Drag a box around what you want to follow; it gets a lane here</source>
            <translation>拖出一个框圈住要跟踪的东西；它会在这里得到一条轨道</translation>
        </message>
        <message>
            <source>LIVE</source>
            <translation>实时</translation>
        </message>
        <message>
            <source>Click or drag: go there. Shift and drag: set the range. Ctrl and wheel: zoom.</source>
            <translation>点击或拖动：转到该处。按住 Shift 拖动：设置范围。Ctrl 加滚轮：缩放。</translation>
        </message>
        <message>
            <source>Click: select. Double click: rename. Right click: more.</source>
            <translation>单击：选中。双击：重命名。右键：更多操作。</translation>
        </message>
        <message>
            <source>Scroll through time</source>
            <translation>沿时间滚动</translation>
        </message>
        <message>
            <source>Scroll through the targets</source>
            <translation>滚动浏览目标</translation>
        </message>
        <message>
            <source>Timeline</source>
            <translation>时间轴</translation>
        </message>
        <message>
            <source>{count} targets</source>
            <translation>{count} 个目标</translation>
        </message>
        <message>
            <source>{name} is selected</source>
            <translation>已选中 {name}</translation>
        </message>
    </context>
    <context>
        <name>TransportBar</name>
        <message>
            <source>To the start</source>
            <translation>转到开头</translation>
        </message>
        <message>
            <source>Go to the first frame</source>
            <translation>转到第一帧</translation>
        </message>
        <message>
            <source>Step back</source>
            <translation>后退一帧</translation>
        </message>
        <message>
            <source>One frame back</source>
            <translation>后退一帧</translation>
        </message>
        <message>
            <source>Step forward</source>
            <translation>前进一帧</translation>
        </message>
        <message>
            <source>One frame on</source>
            <translation>前进一帧</translation>
        </message>
        <message>
            <source>To the end</source>
            <translation>转到结尾</translation>
        </message>
        <message>
            <source>Go to the last frame</source>
            <translation>转到最后一帧</translation>
        </message>
        <message>
            <source>Loop</source>
            <translation>循环</translation>
        </message>
        <message>
            <source>Begin anew after the end, or after the range</source>
            <translation>到结尾或范围末尾后从头播放</translation>
        </message>
        <message>
            <source>Range begins here</source>
            <translation>范围从此开始</translation>
        </message>
        <message>
            <source>Begin the range here (I)</source>
            <translation>范围从此开始 (I)</translation>
        </message>
        <message>
            <source>Range ends here</source>
            <translation>范围到此结束</translation>
        </message>
        <message>
            <source>End the range here (O)</source>
            <translation>范围到此结束 (O)</translation>
        </message>
        <message>
            <source>Clear the range</source>
            <translation>清除范围</translation>
        </message>
        <message>
            <source>Take everything again</source>
            <translation>恢复为全部</translation>
        </message>
        <message>
            <source>Speed</source>
            <translation>速度</translation>
        </message>
        <message>
            <source>How fast the video is played</source>
            <translation>视频的播放速度</translation>
        </message>
        <message>
            <source>Time by the stamps of the source, its last time, number of the frame</source>
            <translation>来源时间戳的时间、末尾时间、帧编号</translation>
        </message>
        <message>
            <source>Play</source>
            <translation>播放</translation>
        </message>
        <message>
            <source>Play (Space)</source>
            <translation>播放 (空格)</translation>
        </message>
        <message>
            <source>Pause</source>
            <translation>暂停</translation>
        </message>
        <message>
            <source>Pause (Space)</source>
            <translation>暂停 (空格)</translation>
        </message>
        <message>
            <source>Play again from the beginning (Space)</source>
            <translation>从头重新播放 (空格)</translation>
        </message>
        <message>
            <source>frame {number}</source>
            <translation>第 {number} 帧</translation>
        </message>
        <message>
            <source>Go to the newest picture</source>
            <translation>转到最新画面</translation>
        </message>
        <message>
            <source>Live</source>
            <translation>实时</translation>
        </message>
        <message>
            <source>The newest picture is shown</source>
            <translation>正在显示最新画面</translation>
        </message>
        <message>
            <source>Go live</source>
            <translation>回到实时</translation>
        </message>
        <message>
            <source>Go live · {seconds} s behind</source>
            <translation>回到实时 · 落后 {seconds} 秒</translation>
        </message>
    </context>
    <context>
        <name>UnsavedQuestion</name>
        <message>
            <source>Unsaved work</source>
            <translation>未保存的工作</translation>
        </message>
        <message>
            <source>Save the targets and corrections of “{name}”?</source>
            <translation>要保存“{name}”的目标和修正吗？</translation>
        </message>
        <message>
            <source>Without saving, what was tracked and corrected since the last time is lost.</source>
            <translation>如果不保存，上次保存之后的跟踪结果和修正将会丢失。</translation>
        </message>
        <message>
            <source>&amp;Save</source>
            <translation>保存(&amp;S)</translation>
        </message>
        <message>
            <source>&amp;Discard</source>
            <translation>不保存(&amp;D)</translation>
        </message>
        <message>
            <source>&amp;Cancel</source>
            <translation>取消(&amp;C)</translation>
        </message>
    </context>
    <context>
        <name>Words</name>
        <message>
            <source>&amp;Undo</source>
            <translation>撤销(&amp;U)</translation>
        </message>
        <message>
            <source>&amp;Undo: {change}</source>
            <translation>撤销“{change}”(&amp;U)</translation>
        </message>
        <message>
            <source>&amp;Redo</source>
            <translation>重做(&amp;R)</translation>
        </message>
        <message>
            <source>&amp;Redo: {change}</source>
            <translation>重做“{change}”(&amp;R)</translation>
        </message>
        <message>
            <source>add target</source>
            <translation>添加目标</translation>
        </message>
        <message>
            <source>remove target</source>
            <translation>移除目标</translation>
        </message>
        <message>
            <source>remove targets</source>
            <translation>移除多个目标</translation>
        </message>
        <message>
            <source>rename</source>
            <translation>重命名</translation>
        </message>
        <message>
            <source>colour</source>
            <translation>更改颜色</translation>
        </message>
        <message>
            <source>show target</source>
            <translation>显示目标</translation>
        </message>
        <message>
            <source>hide target</source>
            <translation>隐藏目标</translation>
        </message>
        <message>
            <source>correction</source>
            <translation>修正</translation>
        </message>
        <message>
            <source>track backwards</source>
            <translation>反向跟踪</translation>
        </message>
        <message>
            <source>pin frame</source>
            <translation>固定帧</translation>
        </message>
        <message>
            <source>unpin frame</source>
            <translation>取消固定帧</translation>
        </message>
        <message>
            <source>forget frame</source>
            <translation>忘记帧</translation>
        </message>
        <message>
            <source>in and out points</source>
            <translation>入点和出点</translation>
        </message>
        <message>
            <source>scale</source>
            <translation>比例尺</translation>
        </message>
    </context>
    <context>
        <name>Workspace</name>
        <message>
            <source>Targets</source>
            <translation>目标</translation>
        </message>
        <message>
            <source>Memory</source>
            <translation>记忆</translation>
        </message>
        <message>
            <source>Attention</source>
            <translation>注意力</translation>
        </message>
        <message>
            <source>Plots</source>
            <translation>曲线</translation>
        </message>
        <message>
            <source>All targets, their states and scores</source>
            <translation>所有目标及其状态和得分</translation>
        </message>
        <message>
            <source>Frames that the tracker remembers of a target</source>
            <translation>跟踪器记住的目标的各帧</translation>
        </message>
        <message>
            <source>Which places of the remembered frames the network looks at</source>
            <translation>网络看向记住的帧的哪些位置</translation>
        </message>
        <message>
            <source>Position, size, speed and score over time</source>
            <translation>位置、大小、速度和得分随时间的变化</translation>
        </message>
        <message>
            <source>Drag to move this panel, double-click to tear it off</source>
            <translation>拖动可移动此面板，双击可使其浮动</translation>
        </message>
        <message>
            <source>Hide this panel; the View menu shows it again</source>
            <translation>隐藏此面板；可从“视图”菜单重新显示</translation>
        </message>
        <message>
            <source>Hide the panel {name}</source>
            <translation>隐藏面板 {name}</translation>
        </message>
        <message>
            <source>Timeline</source>
            <translation>时间轴</translation>
        </message>
        <message>
            <source>One lane for each target, with its states</source>
            <translation>每个目标一条轨道，显示其状态</translation>
        </message>
    </context>
    <context>
        <name>_FolderField</name>
        <message>
            <source>Choose…</source>
            <translation>选择…</translation>
        </message>
        <message>
            <source>Choose the folder in the system's dialog</source>
            <translation>在系统对话框中选择文件夹</translation>
        </message>
        <message>
            <source>Folder of recordings</source>
            <translation>录像文件夹</translation>
        </message>
    </context>
</TS>
